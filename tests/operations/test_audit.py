"""``operations audit`` where it cannot begin: what AWS refuses, what is not there, what was asked for wrongly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from model import PipelineError
from operations.commands import audit
from operations.outputs import Outputs
from tests.operations.running import SELECTION, Answers, play, task, timeless, told
from tests.operations.stacks import OTHERS_DATABASE, Aws, operation, outputs

GLUE, TASK, ENDPOINT = ("glue", "get_tables"), ("dms", "describe_replication_tasks"), ("dms", "describe_endpoints")
SQL = ("rds-data", "execute_statement")


@pytest.fixture(scope="module")
def stack() -> Outputs:
    return outputs()


def view(**changed: Any) -> dict[str, Any]:
    """A view of the rows of ``shop.t``, as Glue has it."""
    text = "/* Presto View: eyJvcmlnaW5hbFNxbCI6IiIsImNhdGFsb2ciOiIiLCJzY2hlbWEiOiIiLCJjb2x1bW5zIjpbXX0= */"
    marks = {"cdc-lake.schema": "shop", "cdc-lake.table": "t", "cdc-lake.view": "current", "presto_view": "true"}
    return {"Name": "t", "TableType": "VIRTUAL_VIEW", "ViewOriginalText": text, "Parameters": marks, **changed}


def begins() -> Answers:
    """Every answer up to the first question about rows."""
    return {
        GLUE: [{"TableList": [view()]}],
        TASK: [task()],
        ENDPOINT: [{"Endpoints": [{"KinesisSettings": {}}]}],
        SQL: [told(["s", "t"], ["mysql", "user"])],
    }


def run(aws: Aws, stack: Outputs, answers: Answers, **options: Any) -> int:
    play(aws, answers)
    given = {"source": None, "tables": [], "patience": None, "most_rows": 10, **options}
    return audit.run(timeless(operation(aws.clients, stack, **given)[0]))


@pytest.mark.parametrize(
    ("call", "right"),
    [(GLUE, "glue:GetTables"), (TASK, "dms:DescribeReplicationTasks"), (ENDPOINT, "dms:DescribeEndpoints"),
     (SQL, "rds-data:ExecuteStatement")],
)  # fmt: skip
def test_a_right_that_is_missing_is_named(aws: Aws, stack: Outputs, call: tuple[str, str], right: str):
    with pytest.raises(PipelineError, match=f"allow .*{right}"):
        run(aws, stack, {**begins(), call: ["AccessDeniedException"]})


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ([], r"has no view of any table's rows.*python -m rehearsal describe"),
        ([view(Parameters={"cdc-lake.view": "changes"})], "has no view of any table's rows"),
        ([view(ViewOriginalText="SELECT 1")], "the view t of .* is not as the program declares it: no comment"),
    ],
)
def test_a_catalog_that_shows_no_rows_is_told(aws: Aws, stack: Outputs, tables: list[Any], said: str):
    with pytest.raises(PipelineError, match=said):
        run(aws, stack, {**begins(), GLUE: [{"TableList": tables}]})


def test_mappings_that_select_nothing_are_told(aws: Aws, stack: Outputs):
    with pytest.raises(PipelineError, match="the task's mappings select no table that is there"):
        run(aws, stack, begins())


def test_mappings_that_cannot_be_followed_are_told(aws: Aws, stack: Outputs):
    bad = json.dumps({"rules": [{**SELECTION, "rule-action": "maybe"}]})
    with pytest.raises(PipelineError, match="rule-action 'maybe'"):
        run(aws, stack, {**begins(), TASK: [task(TableMappings=bad)]})


def test_an_endpoint_that_is_gone_is_told(aws: Aws, stack: Outputs):
    with pytest.raises(PipelineError, match=r"DMS has no endpoint arn:aws:dms.*pulumi up --refresh"):
        run(aws, stack, {**begins(), ENDPOINT: [{"Endpoints": []}]})


def test_a_patience_in_which_nothing_can_be_asked_twice_is_refused_before_anything_is_asked(aws: Aws, stack: Outputs):
    with pytest.raises(PipelineError, match="--patience 5 is less than the promise of 15 minutes"):
        run(aws, stack, {}, patience=5.0)


def test_no_rows_that_may_be_read_are_refused_before_anything_is_asked(aws: Aws, stack: Outputs):
    with pytest.raises(PipelineError, match="--most-rows 0: a row that is not read cannot be named; give 1 or more"):
        run(aws, stack, {}, most_rows=0)


def test_a_database_of_somebody_elses_needs_its_address(aws: Aws):
    answers = {key: it for key, it in begins().items() if key != SQL}
    with pytest.raises(PipelineError, match="--source mysql://user@host:port"):
        run(aws, outputs(**OTHERS_DATABASE), answers)
