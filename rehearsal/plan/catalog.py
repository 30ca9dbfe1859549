"""The declared catalog: the Glue catalog and the named queries, as Athena would see them.

A view is there twice: as Athena itself leaves it after CREATE VIEW (model/glue_view.py), with the names and Presto
types of its columns, and in Hive's types where the catalog lists them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from declaration import Declaration, Resource
from model import PipelineError
from model.glue_view import read_view, shown_kind, shown_table
from model.plan import CatalogPlan, KeptTablePlan, NamedQueryPlan, RawTablePlan, ViewPlan
from rehearsal.plan.inputs import required

_DATABASE = "aws:glue/catalogDatabase:CatalogDatabase"
_TABLE = "aws:glue/catalogTable:CatalogTable"
_QUERY = "aws:athena/namedQuery:NamedQuery"
_MACHINE = "aws:sfn/stateMachine:StateMachine"
_STATE = "Keep the tables"
"""The state that has each table's statements."""
_EXTERNAL, _VIEW = "EXTERNAL_TABLE", "VIRTUAL_VIEW"
_NOT_OF_THE_TABLE = ("databaseName", "catalogId", "region")
_SPELT = {"serDeInfo": "SerdeInfo"}
_LOCATION = re.compile(r"s3://([^/]+)/(?:.*/)?")


def catalog_plan(declaration: Declaration, bucket: str) -> CatalogPlan | None:
    """The declared catalog over the lake in ``bucket``; None where the program declares no Glue database.

    Raises PipelineError for what is declared and not played, and for a view that Athena could not read.
    """
    databases = declaration.all(_DATABASE)
    if not databases:
        return None
    first, *others = databases
    if others:
        names = ", ".join(database.name for database in databases)
        raise PipelineError(f"{_DATABASE}: {names} are declared, and one is played: leave one over the lake")
    database = first.outputs["name"]
    kinds: dict[str, list[Resource]] = {_EXTERNAL: [], _VIEW: []}
    for table in sorted(declaration.all(_TABLE), key=lambda table: table.inputs["name"]):
        if table.inputs.get("databaseName") != database:
            raise PipelineError(f"{table.name}: databaseName {table.inputs.get('databaseName')!r} is not {database!r}")
        if table.inputs.get("tableType") not in kinds:
            raise PipelineError(
                f"{table.name}: tableType {table.inputs.get('tableType')!r} is not played, only {_EXTERNAL} and {_VIEW}"
            )
        kinds[table.inputs["tableType"]].append(table)
    kept, statements = _kept_tables(declaration, kinds[_VIEW])
    return CatalogPlan(
        database=database,
        tables=tuple(_raw_table(table, bucket) for table in kinds[_EXTERNAL]),
        views=tuple(_view(table, database) for table in kinds[_VIEW]),
        queries=tuple(_named_query(query, database) for query in declaration.all(_QUERY) if query not in statements),
        kept_tables=tuple(kept),
    )


def _raw_table(table: Resource, bucket: str) -> RawTablePlan:
    storage = required(table, "storageDescriptor")
    location = storage.get("location") or ""
    match = _LOCATION.fullmatch(location)
    if match is None or match[1] != bucket:
        raise PipelineError(
            f"{table.name}: location {location!r} is no folder of the bucket {bucket!r} that the stream delivers to, "
            f"so no query would see a row: give s3://{bucket}/<prefix>/"
        )
    partitions = table.inputs.get("partitionKeys") or ()
    for column in (*storage.get("columns", ()), *partitions):
        if column.get("type") != "string":
            raise PipelineError(f"{table.name}: column {column['name']} is no string, and only strings are played")
    return RawTablePlan(
        name=table.inputs["name"],
        columns=_names(storage.get("columns", ())),
        partitions=_names(partitions),
        bucket=bucket,
        location=location,
        parameters={key: str(value) for key, value in required(table, "parameters").items()},
        input_format=storage.get("inputFormat") or "",
        serde=(storage.get("serDeInfo") or {}).get("serializationLibrary") or "",
        description=table.inputs.get("description") or "",
        glue=_table_input(table),
    )


def _view(table: Resource, database: str) -> ViewPlan:
    document = _document(table)
    columns = tuple((column["name"], column["type"]) for column in document["columns"])
    listed = _names(required(table, "storageDescriptor").get("columns", ()))
    if listed != tuple(name for name, _ in columns):
        raise PipelineError(
            f"{table.name}: the view's own columns are not those of its storageDescriptor, {', '.join(listed)}; "
            "Athena reads the one and the console shows the other: declare the same"
        )
    if document["schema"] != database:
        raise PipelineError(f"{table.name}: the view's schema is {document['schema']!r}, its database {database!r}")
    parameters = required(table, "parameters")
    return ViewPlan(
        name=table.inputs["name"],
        sql=document["originalSql"],
        columns=columns,
        table=shown_table(parameters),
        kind=shown_kind(parameters),
        description=parameters.get("cdc-lake.about", ""),
        glue=_table_input(table),
    )


def _kept_tables(declaration: Declaration, views: Iterable[Resource]) -> tuple[list[KeptTablePlan], list[Resource]]:
    """The Iceberg tables that the declared state machine keeps, and the saved queries that are its statements."""
    queries = {query.outputs.get("id", query.name): query for query in declaration.all(_QUERY)}
    shown = {view.inputs["name"]: required(view, "parameters") for view in views}
    kept, statements = list[KeptTablePlan](), list[Resource]()
    for machine in declaration.all(_MACHINE):
        for item in json.loads(required(machine, "definition"))["States"].get(_STATE, {}).get("Items", ()):
            if unknown := {item["create"], item["merge"]} - queries.keys():
                raise PipelineError(f"{machine.name}: no saved query is declared with the id {min(unknown)}")
            create, merge = queries[item["create"]], queries[item["merge"]]
            marks = shown.get(f"{item['name']}_current", {})
            if "cdc-lake.table" not in marks:
                raise PipelineError(f"{machine.name}: of {item['name']} no view {item['name']}_current is declared")
            kept.append(
                KeptTablePlan(
                    name=item["name"],
                    table=(marks["cdc-lake.schema"], marks["cdc-lake.table"]),
                    create=required(create, "query"),
                    start=item["start"],
                    merge=required(merge, "query"),
                    sweep=item["sweep"],
                )
            )
            statements += [create, merge]
    return kept, statements


def _table_input(table: Resource) -> dict[str, Any]:
    """``table`` as the provider passes it on: Glue's API has the same fields, each with a capital.

    https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html
    """
    return _capitals({name: value for name, value in table.inputs.items() if name not in _NOT_OF_THE_TABLE})


def _capitals(value: Any) -> Any:
    if isinstance(value, list):
        return [_capitals(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        _SPELT.get(name, name[0].upper() + name[1:]): inner if name == "parameters" else _capitals(inner)
        for name, inner in value.items()
    }


def _document(table: Resource) -> dict[str, Any]:
    """What Athena keeps of a view, out of its comment."""
    try:
        return read_view(required(table, "viewOriginalText"), required(table, "parameters"))
    except ValueError as error:
        raise PipelineError(f"{table.name}: Athena could not read this view (viewOriginalText): {error}") from error


def _named_query(query: Resource, database: str) -> NamedQueryPlan:
    if required(query, "database") != database:
        raise PipelineError(f"{query.name}: database {query.inputs['database']!r} is not {database!r}")
    return NamedQueryPlan(
        name=query.outputs["name"], sql=required(query, "query"), description=query.inputs.get("description") or ""
    )


def _names(columns: Any) -> tuple[str, ...]:
    return tuple(column["name"] for column in columns)
