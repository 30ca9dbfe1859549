"""Kept source: a source's rows in a folder, so that the audit of a kept lake can be repeated when the source is gone.

``source.json`` has the tables, the position and the expectations; ``source/<n>.jsonl`` one row a line, a JSON array;
``source/<n>.answers.json`` what the source answered to queries about the table at that position.
Values are exact: numbers and text as JSON has them, ``{"decimal": "7.50"}``, ``{"bytes": "00ff"}``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from audit.expected.expectations import Expectations
from model import Column, PipelineError, Position, Row, Table

_INDEX, _ROWS = "source.json", "source"


@dataclass(frozen=True, kw_only=True)
class KeptSource:
    """What `keep_source` kept."""

    folder: Path
    tables: tuple[Table, ...]
    position: Position
    """Where in the source's binlog the rows were read."""
    expectations: Expectations

    def answer(self, table: Table, sql: str) -> list[Row] | None:
        """What the source answered to ``sql`` about ``table`` when its rows were read; None if it was not asked."""
        path = _answers(self.folder, self.tables.index(table))
        try:
            kept = _DECODER.decode(path.read_text(encoding="utf-8")) if path.exists() else []
            return next(([tuple(row) for row in answer] for asked, answer in kept if asked == sql), None)
        except (OSError, ValueError, TypeError) as error:
            raise _unreadable(table, path, error) from error

    def rows(self, table: Table) -> Iterator[Row]:
        """The rows of ``table``, exactly as they were kept. PipelineError if its file is not what was written."""
        path = _file(self.folder, self.tables.index(table))
        try:
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    yield tuple(_DECODER.decode(line))
        except (OSError, ValueError) as error:
            raise _unreadable(table, path, error) from error


def keep_source(
    folder: Path,
    tables: Iterable[Table],
    rows: Callable[[Table], Iterable[Row]],
    position: Position,
    expectations: Expectations,
    answers: Callable[[Table], Mapping[str, Iterable[Row]]] = lambda table: {},
) -> KeptSource:
    """Keep the ``rows`` of ``tables`` at ``position`` in ``folder`` (made if need be), and by their SQL the ``answers``
    to queries about a table, which are asked for when its rows have been read."""
    kept = KeptSource(folder=folder, tables=tuple(tables), position=position, expectations=expectations)
    (folder / _ROWS).mkdir(parents=True, exist_ok=True)
    for number, table in enumerate(kept.tables):
        with _file(folder, number).open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(_ENCODER.encode(row) + "\n" for row in rows(table))
        told = [(sql, list(answer)) for sql, answer in answers(table).items()]
        _answers(folder, number).unlink(missing_ok=True)  # of rows that were kept before
        if told:
            _answers(folder, number).write_text(_ENCODER.encode(told), encoding="utf-8")
    index = {
        "position": position._asdict(),
        "expectations": asdict(expectations),
        "tables": [asdict(table) for table in kept.tables],
    }
    (folder / _INDEX).write_text(json.dumps(index, indent=1, ensure_ascii=False), encoding="utf-8")
    return kept


def open_source(folder: Path) -> KeptSource:
    """What was kept in ``folder``. PipelineError if that is nothing, or not from this version."""
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        return KeptSource(
            folder=folder,
            tables=tuple(map(_table, index["tables"])),
            position=Position(**index["position"]),
            expectations=_expectations(index["expectations"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PipelineError(
            f"{folder} has no kept source ({_INDEX}: {error}); name a folder that `--keep` wrote, or rehearse again"
        ) from error


def keep_expectations(folder: Path, **more: Any) -> None:
    """Expect ``more`` of the lake whose source is kept in ``folder``: what is known only when the task has ended."""
    path = folder / _INDEX
    index = json.loads(path.read_text(encoding="utf-8"))
    index["expectations"] = asdict(replace(_expectations(index["expectations"]), **more))
    path.write_text(json.dumps(index, indent=1, ensure_ascii=False), encoding="utf-8")


def _expectations(kept: dict[str, Any]) -> Expectations:
    last = kept.get("last_change")
    gone = tuple(kept.get("gone", ()))
    return Expectations(**kept | {"last_change": (last[0], last[1]) if last else None, "gone": gone})


def _table(kept: dict[str, Any]) -> Table:
    """A Table from what ``asdict`` and JSON made of it: lists are tuples again."""
    columns = tuple(map(_column, kept["columns"]))
    left_out = tuple((place, _column(column)) for place, column in kept["left_out"])
    return Table(**kept | {"columns": columns, "left_out": left_out, "primary_key": tuple(kept["primary_key"])})


def _column(kept: dict[str, Any]) -> Column:
    return Column(**kept | {"labels": tuple(kept["labels"])})


def _file(folder: Path, number: int) -> Path:
    return folder / _ROWS / f"{number}.jsonl"  # not by name: a table's name may hold anything, even a slash


def _answers(folder: Path, number: int) -> Path:
    return folder / _ROWS / f"{number}.answers.json"


def _unreadable(table: Table, path: Path, error: Exception) -> PipelineError:
    return PipelineError(f"kept source of {table}: {path} cannot be read ({error}); rehearse again with --keep")


def _encoded(value: object) -> dict[str, str]:
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    raise TypeError(f"{type(value).__name__} is no value of model/table.py")


def _decoded(value: dict[str, str]) -> Decimal | bytes:
    ((kind, text),) = value.items()
    return {"decimal": Decimal, "bytes": bytes.fromhex}[kind](text)


_ENCODER = json.JSONEncoder(default=_encoded, ensure_ascii=False, separators=(",", ":"))
_DECODER = json.JSONDecoder(object_hook=_decoded)
