"""Small catalogs and lakes by hand, and short ways to ask them."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from documents import lake_catalog
from documents.table_descriptions import ColumnDescription, TableDescription
from documents.versions import Windows
from model.plan import CatalogPlan, KeptTablePlan, NamedQueryPlan, RawTablePlan, ViewPlan
from rehearsal.athena import Athena
from rehearsal.lake import LakeObject

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
FOLDER = "raw/dt=2026-11-23/hr=03/"
PARAMETERS = {
    "projection.enabled": "true",
    "projection.dt.type": "date",
    "projection.dt.format": "yyyy-MM-dd",
    "projection.dt.range": "2026-11-01,NOW",
    "projection.hr.type": "integer",
    "projection.hr.range": "0,23",
    "projection.hr.digits": "2",
    "storage.location.template": "s3://lake/raw/dt=${dt}/hr=${hr}/",
}


def raw_table(**more: Any) -> RawTablePlan:
    """The raw table, with ``more`` parameters: ``projection.dt.range`` and the like, or fields of the plan."""
    fields = {key: more.pop(key) for key in list(more) if key in RawTablePlan.__dataclass_fields__}
    usual: dict[str, Any] = {
        "name": "lines",
        "columns": ("line",),
        "partitions": ("dt", "hr"),
        "bucket": "lake",
        "location": "s3://lake/raw/",
        "parameters": {key: value for key, value in (PARAMETERS | more).items() if value is not None},
        "input_format": "org.apache.hadoop.mapred.TextInputFormat",
        "serde": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
    }
    plan = RawTablePlan(**usual | fields)
    storage = {
        "Columns": [{"Name": name, "Type": "string"} for name in plan.columns],
        "Location": plan.location,
        "InputFormat": plan.input_format,
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": plan.serde},
    }
    glue = {
        "Name": plan.name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": dict(plan.parameters),
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in plan.partitions],
        "StorageDescriptor": storage,
    }
    return replace(plan, glue=glue)


def catalog(*views: ViewPlan, table: RawTablePlan | None = None) -> CatalogPlan:
    return CatalogPlan(database="cdc_lake", tables=(table or raw_table(),), views=views, queries=())


def described(table: str, *key: str, **types: str) -> TableDescription:
    """The table ``schema.table`` with the primary key ``key``, its columns and their MySQL types."""
    schema, _, name = table.partition(".")
    columns = tuple(ColumnDescription(name=column, type=type) for column, type in types.items())
    return TableDescription(schema=schema, table=name, primary_key=key, columns=columns)


def declared(
    *tables: TableDescription, database: str = "lake", windows: Windows | None = None, **more: Any
) -> CatalogPlan:
    """What the program declares over ``tables``, in a raw table with ``more`` parameters; kept with ``windows``."""
    parts = lake_catalog.catalog(database, tables, by_table=False, windows=windows)
    views = [
        replace(
            view(it.name, it.sql, *((name, kind.sql) for name, kind in it.columns.items()), database=database),
            table=(it.table.schema, it.table.table) if it.table else None,
            kind=it.shows,
        )
        for it in parts.views
    ]
    queries = [NamedQueryPlan(name=it.name, sql=it.sql, description=it.about) for it in parts.questions]
    kept = [
        KeptTablePlan(
            name=it.name,
            table=(it.table.schema, it.table.table),
            create=it.create(database, "tables"),
            start=it.start,
            merge=it.merge,
            sweep=it.sweep,
        )
        for it in parts.kept_tables
    ]
    return CatalogPlan(
        database=database,
        tables=(raw_table(**more),),
        views=tuple(views),
        queries=tuple(queries),
        kept_tables=tuple(kept),
    )


def record(operation: str, table: str, time: str, data: Any = None, before: Any = None, **metadata: Any) -> str:
    """A record as DMS writes it, of ``schema.table``: of control if it has no data. ``metadata`` is added."""
    schema, _, name = table.partition(".")
    head = {
        "timestamp": time,
        "record-type": "control" if data is None else "data",
        "operation": operation,
        "schema-name": schema,
        "table-name": name,
        **{key.replace("_", "-"): value for key, value in metadata.items()},
    }
    images = {key: image for key, image in (("data", data), ("before-image", before)) if image is not None}
    return json.dumps({**images, "metadata": head})


def view(name: str, sql: str, *columns: tuple[str, str], database: str = "cdc_lake") -> ViewPlan:
    document = {
        "originalSql": sql,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [{"name": column, "type": type} for column, type in columns],
        "runAsInvoker": True,
    }
    glue = {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "StorageDescriptor": {
            "Columns": [{"Name": column, "Type": "string"} for column, _ in columns],
            "SerdeInfo": {"Name": "-", "SerializationLibrary": "-"},
        },
        "ViewOriginalText": f"/* Presto View: {base64.b64encode(json.dumps(document).encode()).decode()} */",
        "ViewExpandedText": "/* Presto View */",
    }
    return ViewPlan(name=name, sql=sql, columns=columns, glue=glue)


def stored(text: str | bytes, key: str = FOLDER + "a.gz") -> LakeObject:
    """An object with ``text`` in it, as gzip if its name says so."""
    body = text.encode() if isinstance(text, str) else text
    body = gzip.compress(body, mtime=0) if key.endswith(".gz") else body
    return LakeObject(key=key, body=body, etag=hashlib.md5(body).hexdigest(), last_modified=NOW)


def lines(*objects: LakeObject) -> list[Any]:
    """What the raw table shows of ``objects``, in their order."""
    with Athena(catalog(), objects, now=NOW) as athena:
        return [line for (line,) in athena.run("SELECT line FROM lines").rows]


def value(sql: str, objects: Iterable[LakeObject] = ()) -> Any:
    """What the expression ``sql`` gives."""
    with Athena(catalog(), objects, now=NOW) as athena:
        ((found,),) = athena.run(f"SELECT {sql}").rows
        return found


def extracted(document: str, *path: str) -> Any:
    """What ``json_extract_scalar`` gives of the JSON text ``document``."""
    keys = "".join(f"[{json.dumps(key)}]" for key in path)
    sql = f"SELECT json_extract_scalar(line, '${keys}') AS found FROM lines"
    with Athena(catalog(), [stored(document)], now=NOW) as athena:
        ((found,),) = athena.run(sql).rows
        return found


def asked(athena: Athena, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
    """The rows that ``sql`` gives."""
    return list(athena.run(sql, parameters).rows)
