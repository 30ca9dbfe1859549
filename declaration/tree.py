"""The resource tree as text: components with their resources below them, and what protects each."""

from __future__ import annotations

from collections.abc import Iterator

from declaration.model import Declaration, Resource, masked


def tree(declaration: Declaration) -> str:
    """One line a resource, indented below its component, then the exports and warnings."""
    lines = [f"{declaration.project} ({declaration.stack}): {len(declaration.resources)} resources"]
    lines += _below(declaration, None, "")
    lines.append("exports")
    lines += [f"  {name}: {masked(value)}" for name, value in sorted(declaration.exports.items())]
    lines += [f"warning: {text}" for text in declaration.warnings]
    return "\n".join(lines)


def _below(declaration: Declaration, parent: str | None, indent: str) -> Iterator[str]:
    children = [resource for resource in declaration.resources if resource.parent == parent]
    for child in children:
        last = child is children[-1]
        yield f"{indent}{'└─ ' if last else '├─ '}{child.type}  {child.name}{_marks(child)}"
        yield from _below(declaration, child.urn, indent + ("   " if last else "│  "))


def _marks(resource: Resource) -> str:
    marks = [
        text
        for text, holds in (
            ("protected", resource.protect),
            ("retained on delete", resource.retain_on_delete),
            ("ignores changes of " + ", ".join(resource.ignore_changes), resource.ignore_changes),
        )
        if holds
    ]
    return f"  [{'; '.join(marks)}]" if marks else ""
