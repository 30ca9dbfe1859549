"""Dicts and lists that stay as they are: a declaration is shared by all who ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn


def _refuse(self: object, *_: object, **__: object) -> NoReturn:
    raise TypeError("a declaration does not change: change a copy (copy.deepcopy) of what it holds")


class FrozenDict(dict[str, Any]):
    """A dict that refuses every change. A copy of it (``copy``, ``deepcopy``, ``pickle``) is a plain dict."""

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class FrozenList(list[Any]):
    """A list that refuses every change. A copy of it (``copy``, ``deepcopy``, ``pickle``) is a plain list."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse  # type: ignore[assignment]
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (list(self),)


def frozen(value: Any) -> Any:
    """``value`` with every dict and list in it frozen, keys in their order by name."""
    if isinstance(value, Mapping):
        return FrozenDict({key: frozen(value[key]) for key in sorted(value)})
    return FrozenList(map(frozen, value)) if isinstance(value, list | tuple) else value
