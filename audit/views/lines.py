"""View lines: whether queries see every line that was delivered.

A raw table with partition projection looks only below the folders that its projection names. What lies anywhere else
is not an error there: it is no row, and nobody is told. So the lines of the objects are counted here and by a query.
https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import Self, TypeVar

from audit.objects.compression import GZIP_MAGIC, decompressed
from audit.objects.delivered import DeliveredObject
from audit.sql import Ask
from audit.verdict.findings import Finding, FindingKind, Findings
from audit.views.queries import not_answered
from model import PipelineError
from model.plan import CatalogPlan, RawTablePlan

RECORDS = "records"
"""The view that tells what kind of record each line is."""
_Object = TypeVar("_Object", bound=DeliveredObject)
_TEMPLATE, _PROJECTION = "storage.location.template", "projection."


class DeliveredLines:
    """The lines of objects, counted while the objects pass on their way to what is asked about them.

    ``failed`` matches the names of objects below the error prefix, which hold no lines for queries. With ``whole`` no
    damaged object passes: one fails every query on AWS, and without it queries can still tell which rows it took.
    """

    def __init__(self, failed: str, *, whole: bool = False) -> None:
        self._failed, self._whole = failed, whole
        self.counts: dict[str, int] = {}
        """Lines that are not blank, by the object's key."""
        self.misnamed: list[str] = []
        """Objects that are GZIP and not called so."""
        self.damaged: set[str] = set()
        """Objects that did not pass."""
        self.complete = False
        """Whether all objects have passed."""

    @classmethod
    def of(cls, objects: Iterable[DeliveredObject], failed: str = "") -> Self:
        """The lines of ``objects``."""
        lines = cls(failed)
        deque(lines.passing(objects), maxlen=0)
        return lines

    def passing(self, objects: Iterable[_Object]) -> Iterator[_Object]:
        """``objects``, one after the other."""
        for one in objects:
            text = decompressed(one.body, named_gzip=one.key.endswith(".gz"))
            if self._whole and text.damage:
                self.damaged.add(one.key)
                continue
            if not (self._failed and re.fullmatch(self._failed, one.key, re.DOTALL)):
                self.counts[one.key] = sum(map(bool, map(bytes.strip, text.body.split(b"\n"))))
                if one.body.startswith(GZIP_MAGIC) and not one.key.endswith(".gz"):
                    self.misnamed.append(one.key)
            yield one
        self.complete = True


def check_lines(ask: Ask, catalog: CatalogPlan, delivered: DeliveredLines, findings: Findings) -> None:
    """Report objects of which queries do not see every line, and lines that the catalog cannot tell the kind of.

    ``delivered`` has counted what ``ask`` reads. PipelineError if that was not all of it.
    """
    if not delivered.complete:
        raise PipelineError("not every object came to where it is asked: what queries do not see of them is unknown")
    lines = delivered.counts
    for key in delivered.misnamed:
        text = "it is GZIP and its name does not end with .gz, by which alone Athena knows what to unpack"
        findings.put(Finding(kind=FindingKind.UNSEEN, text=text, place=key))
    seen: set[str] = set()
    for table in catalog.tables:
        below = {key: partition for key in lines if (partition := _partition(table, key))}
        seen |= below.keys()
        try:
            for finding in _miscounted(ask, table, lines, below):
                findings.put(finding)
        except PipelineError as error:
            findings.put(not_answered(f"the table {table.name}", error))
    for key in sorted(lines.keys() - seen):
        text = f"no raw table of the catalog looks where it lies: {lines[key]:,} lines that no query sees"
        findings.put(Finding(kind=FindingKind.UNSEEN, text=text, place=key))
    try:
        _check_kinds(ask, catalog, findings)
    except PipelineError as error:
        findings.put(not_answered(f"the view {RECORDS}", error))


def _miscounted(
    ask: Ask, table: RawTablePlan, lines: dict[str, int], below: dict[str, tuple[str, ...]]
) -> Iterator[Finding]:
    """A finding for each partition that has other lines for queries than the objects below it have."""
    names = ", ".join(f'"{name}"' for name in table.partitions)
    line, groups = table.columns[0], ", ".join(str(place) for place, _ in enumerate(table.partitions, start=1))
    sql = f'SELECT {names}, count(*) FROM "{table.name}" WHERE trim("{line}") <> \'\' GROUP BY {groups}'
    counted = {tuple(map(str, values)): count for *values, count in ask(sql).rows}
    delivered = Counter[tuple[str, ...]]()
    for key, partition in below.items():
        delivered[partition] += lines[key]
    for partition in sorted(partition for partition, count in delivered.items() if counted.get(partition, 0) != count):
        where = "/".join(f"{name}={value}" for name, value in zip(table.partitions, partition, strict=True))
        text = (
            f"of {delivered[partition]:,} lines that were delivered below {where} the table {table.name} has "
            f"{counted.get(partition, 0):,}; it looks below {_projection(table)}"
        )
        place = min(key for key, there in below.items() if there == partition)
        yield Finding(kind=FindingKind.UNSEEN, text=text, place=place)


def _check_kinds(ask: Ask, catalog: CatalogPlan, findings: Findings) -> None:
    if not any(view.name == RECORDS for view in catalog.views):
        return  # said where views are counted
    sql = f"SELECT cdc_dt, cdc_hr, count(*) FROM {RECORDS} WHERE cdc_kind = 'unread' GROUP BY 1, 2 ORDER BY 1, 2"
    for day, hour, count in ask(sql).rows:
        text = f"{count:,} lines are no records to the view {RECORDS}: select those with cdc_kind = 'unread'"
        place = f"dt={day}/hr={hour}"
        findings.put(Finding(kind=FindingKind.UNREADABLE, text=text, place=place))


def _partition(table: RawTablePlan, key: str) -> tuple[str, ...] | None:
    """The partition below whose folder an object lies, wherever the projection ends; None if below no such folder."""
    template = table.parameters.get(_TEMPLATE, table.location)
    pattern = re.escape(template.removesuffix("/") + "/")
    for name in table.partitions:
        pattern = pattern.replace(re.escape(f"${{{name}}}"), f"(?P<{name}>[^/]+)")
    match = re.match(pattern, f"s3://{table.bucket}/{key}")
    return tuple(match[name] for name in table.partitions) if match else None


def _projection(table: RawTablePlan) -> str:
    """Where the table looks, as it is declared: the template, and what its variables go through."""
    ranges = (
        f"{name.removeprefix(_PROJECTION).removesuffix('.range')} from {value}"
        for name, value in sorted(table.parameters.items())
        if name.startswith(_PROJECTION) and name.endswith(".range")
    )
    return f"{table.parameters.get(_TEMPLATE, table.location)}, {', '.join(ranges)}"
