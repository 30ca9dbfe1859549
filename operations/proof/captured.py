"""What the task captures: its tables as the source has them now, and what it promises of their rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit import Expectations
from database.catalog import SYSTEM_SCHEMAS, tables, tables_by_query
from database.session import UNCUT
from mappings.table_mappings import parse
from model import PipelineError, Table, qualified
from model.plan import ReplicationPlan
from operations.clients import Clients
from operations.health.dms import replication
from operations.outputs import Outputs
from operations.sql import Source
from operations.sql.server import ServerSql

RIGHTS = ("dms:DescribeReplicationTasks", "dms:DescribeEndpoints")
_NAMES = f"SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' {UNCUT}"


@dataclass(frozen=True, kw_only=True)
class Captured:
    """What is to be audited."""

    tables: Sequence[Table]
    expectations: Expectations
    unreadable: Sequence[str] = ()
    """Tables that the task captures and that who asks may not read."""


def captured(clients: Clients, outputs: Outputs, source: Source, named: Sequence[str] = ()) -> Captured:
    """The tables ``named`` (``schema.table``), or all that the task captures. Raises PipelineError."""
    found = replication(clients, outputs)
    plan = ReplicationPlan(
        task_id=outputs.task_identifier,
        migration_type=found.migration_type,
        table_mappings=_document(found.table_mappings, "table mappings"),
        settings=_document(found.settings, "settings"),
        kinesis=_kinesis(clients, outputs),
    )
    mappings = parse(plan.table_mappings)
    names = sorted((schema, name) for schema, name in _names(source) if mappings.selects(schema, name))
    shown = {qualified(*name): name for name in names}
    if unknown := [name for name in named if name not in shown]:
        raise PipelineError(
            f"{', '.join(unknown)}: the task captures no such table. It captures "
            f"{', '.join(shown) or 'none that is there'}; name one as schema.table, as the source has it"
        )
    wanted = {shown[name] for name in named} if named else set(names)
    if not wanted:
        raise PipelineError("the task's mappings select no table that is there: load the tables, or correct `tables`")
    there = _tables(source, wanted)
    readable = {(table.schema, table.name) for table in there}
    return Captured(
        tables=mappings.in_load_order(there),
        expectations=Expectations.of(plan),
        unreadable=[qualified(*name) for name in sorted(wanted - readable)],
    )


def _names(source: Source) -> list[tuple[str, str]]:
    rows = [(_text(schema), _text(name)) for schema, name in source(_NAMES).rows]
    return [(schema, name) for schema, name in rows if schema.lower() not in SYSTEM_SCHEMAS]


def _tables(source: Source, wanted: set[tuple[str, str]]) -> tuple[Table, ...]:
    if isinstance(source, ServerSql):
        return tuple(table for table in tables(source.connection) if (table.schema, table.name) in wanted)
    return tables_by_query(
        lambda query: [tuple(map(_text, row)) for row in source(query).rows], lambda *name: name in wanted
    )


def _text(value: Any) -> Any:
    """The Data API may give long texts as bytes."""
    return value.decode() if isinstance(value, bytes) else value


def _document(text: str, what: str) -> Mapping[str, Any]:
    try:
        return json.loads(text)
    except ValueError:
        raise PipelineError(f"DMS tells no {what} of the task: pulumi up --refresh") from None


def _kinesis(clients: Clients, outputs: Outputs) -> Mapping[str, Any]:
    """The target's settings, by the provider's names."""
    named = [{"Name": "endpoint-arn", "Values": [outputs.target_endpoint_arn]}]
    endpoints = list(clients.every("dms", "describe_endpoints", "Endpoints", Filters=named))
    if not endpoints:
        raise PipelineError(f"DMS has no endpoint {outputs.target_endpoint_arn}: pulumi up --refresh")
    settings = endpoints[0].get("KinesisSettings", {})
    return {key[0].lower() + key[1:]: value for key, value in settings.items()}
