"""The corpus of broken lakes: small lakes kept as files, each with what both audits said of it when it was recorded.

They were recorded by the revision that folded every record in Python. What is in ``said`` must not change. A line that
the whole lake has (base.json) is its number there, so that a file shows what is wrong; an object whose bytes are not
those of its lines is kept as it is.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from audit import AuditResult, Expectations, FindingKind, audit, check_counts, keep_source
from model import Position, Row, Table
from model.plan import CatalogPlan
from rehearsal.athena import Athena
from rehearsal.athena.kept_catalog import KeptCatalog
from rehearsal.lake import LakeObject
from rehearsal.play import audits
from tests.audit.lakes import DECLARED, ORDERS, SEATS, VISITS, column
from tests.rehearsal.athena.catalogs import declared, described

FOLDER = Path(__file__).parent / "lakes"
BASE = FOLDER.parent / "base.json"
"""The lines and the rows of the whole lake."""
AT = datetime(2026, 12, 1, tzinfo=UTC)
EVENTS = Table(
    schema="shop",
    name="events",
    columns=(
        column("at", "datetime(6)", precision=6),
        column("code", "binary(2)", length=2),
        column("rate", "double"),
        column("share", "float"),
        column("day", "date"),
        column("took", "time(1)", precision=1),
        column("open", "bit(1)", precision=1),
        column("flags", "bit(8)", precision=8),
        column("body", "longtext"),
        column("blob", "blob"),
        column("doc", "json"),
    ),
    primary_key=("at", "code"),
)
"""A table of the types that the others do not have."""
TABLES = (ORDERS, SEATS, VISITS, EVENTS)


@dataclass(frozen=True)
class Lake:
    """Objects, and the source whose lake they should be."""

    what: str
    """What is wrong with it."""
    objects: tuple[LakeObject, ...]
    rows: Mapping[Table, tuple[Row, ...]]
    expectations: Expectations = DECLARED
    said: dict[str, Any] = field(default_factory=dict)
    """What both audits said."""


def stored(key: str, body: bytes, etag: str | None = None) -> LakeObject:
    """An object; S3 gave ``etag`` when it was delivered, or the MD5 of what it holds."""
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    return LakeObject(key=key, body=body, etag=digest if etag is None else etag, last_modified=AT)


@cache
def whole() -> tuple[list[str], dict[str, Any]]:
    """The lines of the whole lake, and its source's rows by table."""
    document = json.loads(BASE.read_text(encoding="utf-8"))
    return document["lines"], document["rows"]


def opened(path: Path) -> Lake:
    """The lake in a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if "views" in document["said"]:
        _rows_ordered(document["said"]["views"])
    more, rows = document["expectations"], {**whole()[1], **document["rows"]}
    if more.get("last_change"):
        more["last_change"] = tuple(more["last_change"])
    return Lake(
        what=document["what"],
        objects=tuple(map(_opened, document["objects"])),
        rows={table: tuple(tuple(map(_decoded, row)) for row in rows[table.name]) for table in TABLES},
        expectations=Expectations(**more),
        said=document["said"],
    )


def replayed(lake: Lake, folder: Path, *, views: bool = True) -> dict[str, Any]:
    """What both audits say of ``lake``, as JSON has it."""
    asked = TABLES, lambda table: lake.rows[table], lake.expectations
    log = audit(lake.objects, *asked)
    said: dict[str, Any] = {"log": log_said(log)}
    catalog = _catalog() if views else None
    kept = KeptCatalog(catalog=catalog, at=AT)
    objects: dict[str, LakeObject] = {}
    for one in lake.objects:  # in one lake two have the same key
        objects[one.key if one.key not in objects else f"{one.key} again"] = one
    mixed = audit(audits._mixed(objects, kept, 1), *asked) if log.equal else None
    if mixed:
        said["disorder"] = audits._in_disorder(mixed).as_json()
    if catalog:
        source = keep_source(folder, *asked[:2], Position("log.000001", 4), lake.expectations)
        answers = audits._ask_views(Mock(), objects, source, kept, 1, [Athena])
        if mixed:
            check_counts(catalog, answers, mixed)
        told: dict[str, Any] = answers.as_json()
        for table in told["tables"].values():
            for name in ("columns", "uncompared", "changing"):  # not told yet when the corpus was recorded
                del table[name]
        _rows_ordered(told)
        said["views"] = told
    return json.loads(json.dumps(said))


def _ordered(said: dict[str, Any], *, all_of_it: bool) -> None:
    """Put in order what comes out of a set: the rows of a table without a key, and the names of unknown columns."""
    if all_of_it:
        said["listed"].sort(key=json.dumps)
    _of_a_kind_ordered(said, FindingKind.UNKNOWN_COLUMN)


def _of_a_kind_ordered(said: dict[str, Any], kind: FindingKind) -> None:
    found = sorted((it for it in said["listed"] if it["kind"] == kind), key=json.dumps)
    said["listed"] = [found.pop(0) if it["kind"] == kind else it for it in said["listed"]]


def _rows_ordered(views: dict[str, Any]) -> None:
    """Put the rows in order that only a view has: a query gives them in any."""
    for table in views["tables"].values():
        _of_a_kind_ordered(table["findings"], FindingKind.EXTRA)


def log_said(result: AuditResult) -> dict[str, Any]:
    """What the audit by the log said, as JSON has it, whatever of it has no order in order."""
    said: dict[str, Any] = result.as_json()
    for name in ("views", "disorder", "bytes"):  # the bytes are those of this machine's zlib
        del said[name]
    for name, table in said["tables"].items():
        for found in (table["findings"], table["notes"]):
            _ordered(found, all_of_it=name == str(VISITS))
    return said


@cache
def _catalog() -> CatalogPlan:
    types = ({it.name: it.column_type for it in table.columns} for table in TABLES)
    return declared(*(described(str(t), *t.primary_key, **of) for t, of in zip(TABLES, types, strict=True)))


def _packed(key: str, text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0) if key.endswith(".gz") else text.encode()


def _opened(one: dict[str, Any]) -> LakeObject:
    if "lines" in one:
        text = "\n".join(whole()[0][line] if isinstance(line, int) else line for line in one["lines"])
        return stored(one["key"], _packed(one["key"], text))
    return stored(one["key"], base64.b64decode(one["body"]), one["etag"])


def _decoded(value: Any) -> Any:
    if isinstance(value, dict):
        ((kind, text),) = value.items()
        return {"decimal": Decimal, "bytes": bytes.fromhex}[kind](text)
    return value
