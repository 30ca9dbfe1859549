"""The catalog that is read from a declaration: as Athena would read it, and refused where Athena could not."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from declaration import Declaration
from model import PipelineError
from rehearsal.plan.pipeline import read_plan
from tests.declared import KEPT, declare
from tests.rehearsal.plan.test_pipeline import mapped

DATABASE, TABLE = "aws:glue/catalogDatabase:CatalogDatabase", "aws:glue/catalogTable:CatalogTable"
QUERY = "aws:athena/namedQuery:NamedQuery"
VIEW = "dms_sample_venue_current"


def with_inputs(declaration: Declaration, name: str, **inputs: Any) -> Declaration:
    """The declaration with other inputs of the Glue table ``name``; None takes one away."""

    def change(table: Any) -> Any:
        return replace(table, inputs={**table.inputs, **inputs}) if table.inputs["name"] == name else table

    return mapped(declaration, TABLE, change)


def with_document(declaration: Declaration, **more: Any) -> Declaration:
    """The declaration with ``more`` in what Athena keeps of a view."""
    table = next(table for table in declaration.all(TABLE) if table.inputs["name"] == VIEW)
    kept = json.loads(base64.b64decode(table.inputs["viewOriginalText"].split()[3]))
    document = {key: value for key, value in (kept | more).items() if value is not None}
    text = f"/* Presto View: {base64.b64encode(json.dumps(document).encode()).decode()} */"
    return with_inputs(declaration, VIEW, viewOriginalText=text)


def test_the_catalog_of_a_stack_is_read(dev: Declaration):
    plan = read_plan(dev)
    assert plan.catalog
    assert plan.catalog.database == "cdc_lake_dev"
    (lines,) = plan.catalog.tables
    assert (lines.name, lines.columns, lines.partitions) == ("lines", ("line",), ("dt", "hr"))
    assert lines.bucket == plan.delivery.bucket
    view = next(view for view in plan.catalog.views if view.name == VIEW)
    assert (view.table, view.kind) == (("dms_sample", "venue"), "current")
    assert view.columns[0] == ("id", "integer")
    assert all(view.description for view in plan.catalog.views), "the listing shows them"
    assert plan.catalog.queries


def test_a_program_without_a_glue_database_has_no_catalog(dev: Declaration):
    assert read_plan(mapped(dev, DATABASE, lambda _: None)).catalog is None


def test_two_databases_are_refused(dev: Declaration):
    database = dev.one(DATABASE)
    two = replace(dev, resources=(*dev.resources, replace(database, urn="urn:other", name="other")))
    with pytest.raises(PipelineError, match="other are declared, and one is played"):
        read_plan(two)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"databaseName": "other"}, "databaseName 'other' is not 'cdc_lake_dev'"),
        ({"tableType": "MANAGED_TABLE"}, "tableType 'MANAGED_TABLE' is not played"),
        ({"parameters": None}, "the input parameters is not set"),
        ({"partitionKeys": [{"name": "dt", "type": "date"}]}, "column dt is no string"),
        ({"storageDescriptor": {"location": "s3://other/raw/"}}, "'s3://other/raw/' is no folder of the bucket"),
        ({"storageDescriptor": {"location": "raw/"}}, "'raw/' is no folder of the bucket"),
    ],
)
def test_a_table_that_is_not_played_is_named(dev: Declaration, inputs: dict[str, Any], said: str):
    with pytest.raises(PipelineError, match=f"lines.*: .*{said}"):
        read_plan(with_inputs(dev, "lines", **inputs))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"viewOriginalText": "SELECT 1"}, "no comment that begins with 'Presto View:'"),
        ({"viewOriginalText": "/* Presto View: AAA */"}, "Athena could not read this view"),
        ({"viewOriginalText": None}, "the input viewOriginalText is not set"),
        ({"parameters": {}}, "presto_view is not 'true'"),
        ({"storageDescriptor": {"columns": [{"name": "id", "type": "int"}]}}, "not those of its storageDescriptor, id"),
    ],
)
def test_a_view_that_athena_could_not_read_is_named(dev: Declaration, inputs: dict[str, Any], said: str):
    with pytest.raises(PipelineError, match=f"{VIEW}.*: .*{said}"):
        read_plan(with_inputs(dev, VIEW, **inputs))


@pytest.mark.parametrize(
    ("more", "said"),
    [({"schema": "other"}, "the view's schema is 'other'"), ({"originalSql": None}, "it has no originalSql")],
)
def test_a_view_whose_document_is_wrong_is_named(dev: Declaration, more: dict[str, Any], said: str):
    with pytest.raises(PipelineError, match=f"{VIEW}: .*{said}"):
        read_plan(with_document(dev, **more))


def test_a_named_query_of_another_database_is_refused(dev: Declaration):
    other = mapped(dev, QUERY, lambda query: replace(query, inputs={**query.inputs, "database": "other"}))
    with pytest.raises(PipelineError, match="database 'other' is not 'cdc_lake_dev'"):
        read_plan(other)


def test_the_tables_that_are_kept_are_read_with_their_statements():
    catalog = read_plan(declare("dev", config=KEPT)).catalog
    assert catalog
    (table,) = catalog.kept_tables
    assert (table.name, table.table) == ("dms_sample_payment", ("dms_sample", "payment"))
    assert table.create.startswith("CREATE TABLE IF NOT EXISTS `cdc_lake_dev`.`dms_sample_payment`")
    assert table.merge.startswith('MERGE INTO "cdc_lake_dev"."dms_sample_payment"')
    assert not {table.create, table.merge} & {query.sql for query in catalog.queries}, "people ask others"


@pytest.mark.parametrize(
    ("type", "name", "why"),
    [(QUERY, "tables-merge-dms_sample_payment", "no saved query is declared with the id"),
     (TABLE, "query-dms_sample_payment_current", "no view dms_sample_payment_current is declared")],
)  # fmt: skip
def test_a_state_machine_that_names_what_is_not_there_is_refused(type: str, name: str, why: str):
    declared = mapped(declare("dev", config=KEPT), type, lambda it: None if it.name == name else it)
    with pytest.raises(PipelineError, match=why):
        read_plan(declared)
