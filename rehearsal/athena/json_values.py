"""JSON values: Athena's ``json_extract_scalar`` and ``json_extract`` in DuckDB.

Athena gives the text of a scalar with all its digits, and NULL for an object, an array or what is no JSON; it does not
look at what follows the first JSON of a text. DuckDB's own extraction reads numbers as doubles and fails on what is no
JSON. Its ``json_transform`` keeps numbers as they are written, but only if one of them is asked for as a DECIMAL; so
one is that nobody needs.

A line is parsed once for all the values that a SELECT takes out of it: an inner SELECT parses, the values are taken
from there. That is many times faster than once for each, and gives the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from sqlglot import exp
from sqlglot.errors import UnsupportedError

_Path = tuple[str, ...]
FIRST_JSON = "cdc_first_json"
_STRUCTURE = "cdc_structure"
_TYPE = "cdc_json_type"
_ITEM = "cdc_item"
MOST_FIELDS = 32
"""Values that are taken out of one structure."""
_DEPTH = 16
"""Objects in objects, as far as the end of the first one is looked for."""


def _object() -> str:
    """An object from the beginning of a text on, as a regular expression: one pass, whatever the text is.

    A broken line of a megabyte takes 0.03 s and less than 10 MB so. To try one end after the other took gigabytes.
    """
    other = r'[^{}"]|"(?:[^"\\]|\\.)*"'
    found = rf"\{{(?:{other})*\}}"
    for _ in range(_DEPTH - 1):
        found = rf"\{{(?:{other}|{found})*\}}"
    return rf"^\s*{found}"


_LOOSE = r'^(?:[^"]|"(?:[^"\\]|\\.)*")*?(?:,\s*[}\]]|[NIi]|n[Aa])'
"""A text that DuckDB takes for JSON and nobody else does: a comma too many, NaN or Infinity outside of its strings."""
MACROS = f"""CREATE MACRO {FIRST_JSON}(x) AS CASE WHEN json_valid(x) THEN x WHEN contains(x, '}}') THEN
    list_filter([regexp_extract(x, concat('{_object()}', left(x, 0)))], lambda start: json_valid(start))[1] END;
CREATE MACRO {_STRUCTURE}(x, shape) AS coalesce(try(json_transform(x, shape)), json_transform({FIRST_JSON}(x), shape));
CREATE MACRO {_TYPE}(x, place) AS
    nullif(coalesce(try(coalesce(json_type(x, place), '')), json_type({FIRST_JSON}(x), place)), '');
CREATE MACRO {_ITEM}(x, place) AS list_transform([x], lambda text: CASE
    WHEN json_valid(text) AND NOT regexp_matches(text, '{_LOOSE}')
    THEN list_transform([json_extract_string(text, place)], lambda item: CASE
        WHEN left(item, 1) NOT IN ('{{', '[') OR json_type(text, place) NOT IN ('OBJECT', 'ARRAY') THEN item END)[1]
    END)[1]"""
"""What whoever runs the SQL must define: a text up to the end of its first object, NULL if it begins with none; the
structure of that, and the type of what is at a place of it; and the scalar at a place of an array, NULL if the text as
a whole is no JSON. Nearly every text is JSON, so that is tried: to look first whether it is would be to parse it twice.

The expression of the first is made beside each text, which is empty there: one that is always the same DuckDB compiles
wherever the macro stands, whenever a query is planned. That was half of the planning, and nearly every line is valid.
"""
_IS_SCALAR = "is_json_scalar"
_PARSED = "cdc json {}"
"""Name of a column that an inner SELECT adds; the blanks keep it apart from a user's."""


def rewritten(query: exp.Expr) -> exp.Expr:
    """``query``, changed: its extractions of JSON are functions of DuckDB. UnsupportedError for a path not played."""
    for select in list(query.find_all(exp.Select)):
        _parse_once(select)
    for call in list(query.find_all(exp.Anonymous)):
        if call.name.lower() == _IS_SCALAR:
            call.replace(_is_scalar(call))
    for call in list(query.find_all(exp.JSONExtractScalar)):
        if (place := _place(call)) is not None:
            call.replace(exp.Anonymous(this=_ITEM, expressions=[call.this.copy(), exp.Literal.string(f"$[{place}]")]))
            continue
        path = _path(call)
        _replace(call, _parsed(call.this, [path], "VARCHAR"), path)
    for call in list(query.find_all(exp.JSONExtract)):
        path = _path(call)
        call.replace(_taken(_parsed(call.this, [path], "JSON"), path))
    return query


def _parse_once(select: exp.Select) -> None:
    """Put an inner SELECT below ``select`` that parses, where it has one source and takes several values from it."""
    source = select.args["from_"].this if select.args.get("from_") else None
    if not isinstance(source, exp.Table | exp.Subquery) or select.is_star:
        return
    if any(select.args.get(part) or source.args.get(part) for part in ("joins", "laterals", "pivots")):
        return
    if any(column.db for column in select.find_all(exp.Column)):
        return  # the inner SELECT has a name, but no database
    added = {
        _PARSED.format(number): calls
        for number, calls in enumerate(chain.from_iterable(map(_shares, _by_column(select))))
        if _mergeable(map(_path, calls))
    }
    if not added:
        return
    inner = exp.select("*")
    for name, calls in added.items():
        parsed = _parsed(calls[0].this, [_path(call) for call in calls], "VARCHAR")
        inner.select(exp.alias_(parsed, name, quoted=True), copy=False)
        for call in calls:
            _replace(call, exp.column(name, quoted=True), _path(call))
    inner.from_(source.copy(), copy=False)
    source.replace(inner.subquery(source.alias_or_name or None, copy=False))


def _by_column(select: exp.Select) -> list[list[exp.JSONExtractScalar]]:
    """The extractions of scalars that belong to ``select`` itself, by the column they take them from."""
    found: dict[str, list[exp.JSONExtractScalar]] = {}
    for call in select.find_all(exp.JSONExtractScalar):
        if isinstance(call.this, exp.Column) and _place(call) is None and call.find_ancestor(exp.Select) is select:
            found.setdefault(call.this.sql(), []).append(call)
    return [calls for calls in found.values() if len(calls) > 1]


def _shares(calls: list[exp.JSONExtractScalar]) -> list[list[exp.JSONExtractScalar]]:
    """``calls`` in shares that take few values each, however many there are: to take one value out of a structure
    costs DuckDB as much as the structure has fields, in planning and for each batch of lines."""
    by_path: dict[_Path, list[exp.JSONExtractScalar]] = {}
    for call in calls:
        by_path.setdefault(_path(call), []).append(call)
    groups = list(by_path.values())
    return [
        list(chain.from_iterable(groups[first : first + MOST_FIELDS])) for first in range(0, len(groups), MOST_FIELDS)
    ]


def _mergeable(paths: Iterable[_Path]) -> bool:
    """Whether one structure has a place for each of ``paths``. DuckDB's fields differ in more than case."""
    places: dict[_Path, _Path] = {}
    for path in paths:
        if places.setdefault(tuple(part.lower() for part in path), path) != path:
            return False
    starts = {place[:length] for place in places for length in range(1, len(place))}
    written = {path[:length] for path in places.values() for length in range(1, len(path))}
    return not starts & places.keys() and len(starts) == len(written)


def _replace(call: exp.JSONExtractScalar, parsed: exp.Expr, path: _Path) -> None:
    """Put the value at ``path`` of ``parsed``, if it is a scalar, in the place of ``call``.

    A text may begin as an object does. Only then its type is looked up, for that parses the line again.
    """
    value = _taken(parsed, path)
    first = exp.func("left", value.copy(), exp.Literal.number(1))
    nested = exp.and_(_is_in(first, "{", "["), _is_nested(call.this, path))
    call.replace(exp.case().when(nested, exp.null()).else_(value))


def _is_scalar(call: exp.Anonymous) -> exp.Expr:
    """Whether there is a scalar at a path; NULL where there is nothing."""
    found = call.expressions[0] if len(call.expressions) == 1 else None
    if not isinstance(found, exp.JSONExtract) or isinstance(found, exp.JSONExtractScalar):
        raise UnsupportedError(f"{_IS_SCALAR} of something else than a json_extract")
    return exp.not_(_is_nested(found.this, _path(found)))


def _is_nested(text: exp.Expr, path: _Path) -> exp.Expr:
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    kind = exp.Anonymous(this=_TYPE, expressions=[text.copy(), exp.Literal.string(pointer)])
    return _is_in(kind, "OBJECT", "ARRAY")


def _is_in(value: exp.Expr, *texts: str) -> exp.Expr:
    return exp.In(this=value, expressions=[exp.Literal.string(text) for text in texts])


def _parsed(text: exp.Expr, paths: Sequence[_Path], leaf: str) -> exp.Expr:
    """``text`` as a structure that has ``paths``; NULL if it is no JSON."""
    shape = exp.Literal.string(json.dumps(_shape(paths, leaf)))
    return exp.Anonymous(this=_STRUCTURE, expressions=[text.copy(), shape])


def _shape(paths: Sequence[_Path], leaf: str) -> dict[str, Any]:
    digits = max((path[0] for path in paths), key=len) + "+"  # no other name is as long
    shape: dict[str, Any] = {digits: "DECIMAL(1,0)"}
    for path in paths:
        at = shape
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = leaf
    return shape


def _taken(parsed: exp.Expr, path: _Path) -> exp.Expr:
    for part in path:
        parsed = exp.Anonymous(this="struct_extract", expressions=[parsed, exp.Literal.string(part)])
    return parsed


def _place(call: exp.JSONExtractScalar) -> int | None:
    """The place in an array that is the whole path of ``call``."""
    parts = call.expression.expressions[1:] if isinstance(call.expression, exp.JSONPath) else []
    if len(parts) != 1 or not isinstance(parts[0], exp.JSONPathSubscript) or not isinstance(parts[0].this, int):
        return None
    return parts[0].this


def _path(call: exp.JSONExtractScalar | exp.JSONExtract) -> _Path:
    path = call.expression
    parts = path.expressions[1:] if isinstance(path, exp.JSONPath) else []
    if not parts or not all(isinstance(part, exp.JSONPathKey) and isinstance(part.this, str) for part in parts):
        raise UnsupportedError(
            f"the JSON path {path.sql()}: names of keys from the top on are played, or one place in an array"
        )
    return tuple(part.this.replace("\\\\", "\\") for part in parts)  # the parser leaves a backslash escaped
