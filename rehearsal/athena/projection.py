"""Projection: which objects a raw table sees, and the values of their partition columns.

Athena asks nobody which partitions there are: it computes them from the table's parameters and lists, in S3, what
begins with each one's location. An object elsewhere is not there for any query, without a word: that is why the second
audit counts lines. https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from model import PipelineError
from model.plan import RawTablePlan

TEMPLATE = "storage.location.template"
_COLUMN = re.compile(r"\$\{([^}]*)\}")
_NOW = re.compile(r"NOW(?:([+-])([0-9]+)(DAY|WEEK)S?)?")
_FORMAT = "yyyy-MM-dd"
_Column = tuple[str, Callable[[str], bool]]
"""How a projected column's text looks, as a regular expression, and whether such a text is projected."""


class Projection:
    """The projected partitions of one raw table at one moment.

    Raises PipelineError for a projection that is not played; the text names the table and the parameter.
    """

    def __init__(self, table: RawTablePlan, now: datetime) -> None:
        self._table = table
        self._today = now.astimezone(UTC).date()  # "Partition projection uses UTC"
        if self._parameter("projection.enabled") != "true":
            raise self._refused("projection.enabled", "partitions that a crawler or a statement adds are not played")
        columns = {name: self._column(name) for name in table.partitions}
        self._projected = {name: projected for name, (_, projected) in columns.items()}
        template = self._template(set(columns))
        pieces = _COLUMN.split(template.removeprefix(f"s3://{table.bucket}/"))
        self._folder = re.compile(
            "".join(
                f"(?P<{piece}>{columns[piece][0]})" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)
            )
        )

    def values(self, key: str) -> tuple[str, ...] | None:
        """The partition columns of the object ``key``; None where no projected partition holds it."""
        match = self._folder.match(key)
        if match is None or any(part.startswith(("_", ".")) for part in key[match.end() :].split("/")):
            return None  # a name that begins so is hidden, a folder's too
        if not all(projected(match[name]) for name, projected in self._projected.items()):
            return None
        return tuple(match[name] for name in self._table.partitions)

    def _template(self, columns: set[str]) -> str:
        template = self._parameter(TEMPLATE)
        if not template.startswith(self._table.location) or not template.endswith("/"):
            raise self._refused(TEMPLATE, f"it must lie below {self._table.location} and end with a slash")
        named = _COLUMN.findall(template)
        if sorted(named) != sorted(columns):
            raise self._refused(TEMPLATE, f"it must name each partition column once: {', '.join(sorted(columns))}")
        return template

    def _column(self, name: str) -> _Column:
        kind = self._parameter(f"projection.{name}.type")
        if kind == "date":
            return self._date(name)
        if kind == "integer":
            return self._integer(name)
        raise self._refused(f"projection.{name}.type", "date and integer are played")

    def _date(self, name: str) -> _Column:
        every = (self._optional(name, "interval", "1"), self._optional(name, "interval.unit", "DAYS"))
        if self._parameter(f"projection.{name}.format") != _FORMAT or every != ("1", "DAYS"):
            raise self._refused(f"projection.{name}.format", f"{_FORMAT} with an interval of 1 DAYS is played")
        first, last = (self._day(name, bound) for bound in self._range(name))
        return r"[0-9]{4}-[0-9]{2}-[0-9]{2}", lambda text: (day := _day(text)) is not None and first <= day <= last

    def _integer(self, name: str) -> _Column:
        if self._optional(name, "interval", "1") != "1":
            raise self._refused(f"projection.{name}.interval", "1 is played")
        first, last = map(int, self._range(name))
        digits = int(self._optional(name, "digits", "0"))
        return r"[0-9]+", lambda text: first <= int(text) <= last and text == str(int(text)).zfill(digits)

    def _range(self, name: str) -> tuple[str, str]:
        bounds = [bound.strip() for bound in self._parameter(f"projection.{name}.range").split(",")]
        if len(bounds) != 2:
            raise self._refused(f"projection.{name}.range", "two bounds with a comma between them")
        return bounds[0], bounds[1]

    def _day(self, name: str, bound: str) -> date:
        relative = _NOW.fullmatch(bound.replace(" ", ""))
        if relative is None:
            day = _day(bound)
            if day is None:
                raise self._refused(f"projection.{name}.range", "days, NOW, and NOW with a number of DAYS or WEEKS")
            return day
        if relative[1] is None:
            return self._today
        distance = timedelta(days=int(relative[2]) * (7 if relative[3] == "WEEK" else 1))
        return self._today - distance if relative[1] == "-" else self._today + distance

    def _optional(self, name: str, key: str, default: str) -> str:
        return self._table.parameters.get(f"projection.{name}.{key}", default)

    def _parameter(self, key: str) -> str:
        if key not in self._table.parameters:
            raise PipelineError(f"table {self._table.name}: the parameter {key} is not set, and its partitions need it")
        return self._table.parameters[key]

    def _refused(self, key: str, rule: str) -> PipelineError:
        return PipelineError(f"table {self._table.name}: {key} {self._table.parameters[key]!r} is not played: {rule}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len(_FORMAT) else None
    except ValueError:
        return None
