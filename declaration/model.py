"""What a program declares: resources with their inputs, dependencies and options, and the stack's exports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Secret:
    """A secret value: Pulumi encrypts it in the state. It prints as ``[secret]`` and so never reaches a log."""

    value: Any = field(repr=False)

    def __repr__(self) -> str:
        return "[secret]"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One declared resource, as the engine would receive its registration."""

    urn: str
    type: str
    """Type token, ``aws:dms/endpoint:Endpoint``; a component's is ``cdc-lake:index:<Class>``."""
    name: str
    """The Pulumi name, the last part of the URN."""
    parent: str | None
    """URN of the component it belongs to; None directly below the stack."""
    inputs: Mapping[str, Any]
    """Inputs in the provider's camelCase names. Secret values are ``Secret``."""
    outputs: Mapping[str, Any]
    """What the mock monitor answered: the inputs and made-up computed values (ARNs, ids, endpoints)."""
    dependencies: frozenset[str]
    """URNs that must exist first: ``depends_on`` and every resource whose output is an input here."""
    custom: bool
    """False for a component."""
    import_id: str
    """Physical id of what is there already and is imported where the state does not know it; empty for none."""
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool | None
    """None where the program leaves the order to the provider, which deletes first what has a name of the user's."""
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    replacement_trigger: Any
    """A value that replaces the resource when it changes; None for none."""
    additional_secret_outputs: tuple[str, ...]
    custom_timeouts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """Everything that one run of the program declared for one stack."""

    project: str
    stack: str
    resources: tuple[Resource, ...]
    exports: Mapping[str, Any]
    """Stack outputs by name. Secret values are ``Secret``."""
    warnings: tuple[str, ...]
    """What the program said with ``pulumi.log.warn``."""

    def all(self, type: str) -> tuple[Resource, ...]:
        """Every resource of that type, in the order of registration."""
        return tuple(resource for resource in self.resources if resource.type == type)

    def one(self, type: str, name: str | None = None) -> Resource:
        """The only resource of that type (and name). LookupError lists what there is instead."""
        found = [resource for resource in self.all(type) if name in (None, resource.name)]
        if len(found) != 1:
            names = ", ".join(sorted(resource.name for resource in self.all(type))) or "none"
            wanted = f"{type} named {name!r}" if name else type
            raise LookupError(f"expected exactly one {wanted}, found {len(found)}; of that type are declared: {names}")
        return found[0]

    def happens_before(self, earlier: Resource, later: Resource) -> bool:
        """Whether the engine must finish ``earlier`` before it starts ``later``, by declared dependencies alone."""
        return earlier.urn in self._ancestors(later.urn)

    def find(self, urn: str) -> Resource | None:
        """The resource with that URN; None if nothing declares it."""
        return self._by_urn.get(urn)

    @cached_property
    def _by_urn(self) -> dict[str, Resource]:
        return {resource.urn: resource for resource in self.resources}

    def _ancestors(self, urn: str) -> set[str]:
        seen: set[str] = set()
        waiting = [urn]
        while waiting:
            resource = self._by_urn.get(waiting.pop())
            new = (resource.dependencies if resource else frozenset()) - seen
            seen |= new
            waiting.extend(new)
        return seen

    def as_json(self) -> dict[str, Any]:
        """The graph as plain JSON values, with secrets masked."""
        return {
            "project": self.project,
            "stack": self.stack,
            "resources": [_resource_json(resource) for resource in self.resources],
            "exports": masked(self.exports),
            "warnings": list(self.warnings),
        }


def masked(value: Any) -> Any:
    """``value`` with every Secret in it replaced by the text ``[secret]``."""
    if isinstance(value, Secret):
        return repr(value)
    if isinstance(value, Mapping):
        return {key: masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def _resource_json(resource: Resource) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "parent": resource.parent,
        "inputs": masked(resource.inputs),
        "dependencies": sorted(resource.dependencies),
        "protect": resource.protect,
        "retainOnDelete": resource.retain_on_delete,
        "ignoreChanges": list(resource.ignore_changes),
    }
