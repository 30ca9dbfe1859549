"""FixedSettings: remembers in the state what cannot change on a stack that exists, and refuses a change of it.

Dynamic resources, because the engine asks their ``check`` with what the state has and what the program wants, already
at preview. There are two. One waits for nothing, so that ``--skip-preview`` asks it at the beginning too, though while
others that wait for nothing are under way. The other comes after everything: what an update did not bring about is not
remembered, and may be put back. Pickled by reference, like SqlBootstrap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ResourceProvider, UpdateResult
from pulumi.dynamic.dynamic import PROVIDER_KEY

from configuration import fixed
from configuration.settings import Settings
from documents.lake_tables import KeptTable


def _values(props: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if key != PROVIDER_KEY}


class FixedSettingsProvider(ResourceProvider):
    """Check and memory of :class:`FixedSettings`."""

    serialize_as_secret_always = False  # it captures nothing, and code in plain sight shows when it changes

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """A failure for each value that cannot become the new one."""
        failures = [CheckFailure(key, reason) for key, reason in fixed.broken(_values(_olds), _values(news))]
        return CheckResult(fixed.carried(_olds, news), failures)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """What is not refused is remembered in place."""
        return DiffResult(changes=_values(_olds) != _values(_news), replaces=[])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Remember."""
        return CreateResult("fixed", _values(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Remember what is new."""
        return UpdateResult(_values(_news))


@dataclass(frozen=True, kw_only=True)
class FixedSettingsArgs:
    """Arguments of :class:`FixedSettings`."""

    settings: Settings
    """All settings of the stack."""
    zones: Sequence[str]
    """Zones of the subnets that the program makes."""
    tables: Sequence[KeptTable]
    """Iceberg tables that are kept."""


class FixedSettings(pulumi.ComponentResource):
    """What a stack has had since it was made, and what it has reached since."""

    log_has_expired: pulumi.Output[bool]
    """Whether the log may have lost records: it expires, or did at any time."""

    def __init__(self, name: str, args: FixedSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("cdc-lake:index:FixedSettings", name, None, opts)
        self._name = name
        self._values = fixed.values(args.settings, args.zones, args.tables)
        child = pulumi.ResourceOptions(parent=self)
        self.log_has_expired = _Fixed(
            FixedSettingsProvider(), f"{name}-fixed", fixed.at_once(self._values), child
        ).logHasExpired
        self.register_outputs({"log_has_expired": self.log_has_expired})

    def remember_when_done(self, resources: Sequence[pulumi.Resource]) -> None:
        """Remember the rest when ``resources``, with every child, are as the settings say."""
        after = pulumi.ResourceOptions(parent=self, depends_on=resources)
        _Fixed(FixedSettingsProvider(), f"{self._name}-reached", fixed.reached(self._values), after)


class _Fixed(pulumi.dynamic.Resource):
    """Values in the state."""

    logHasExpired: pulumi.Output[bool]  # noqa: N815 as the state calls it
