"""Names that hold dots: two tables stay two, in the audit and in what it says."""

from dataclasses import replace
from decimal import Decimal

import pytest

from audit import FindingKind
from model import PipelineError
from tests.audit.lakes import DECLARED, ORDERS, Task, findings, judge

ONE, OTHER = replace(ORDERS, schema="a", name="b.c"), replace(ORDERS, schema="a.b", name="c")


def both():
    task = Task()
    task.load(ONE, (1, "new", Decimal(1), None))
    task.load(OTHER, (2, "new", Decimal(2), None), (3, "new", Decimal(3), None))
    return task


def test_two_tables_whose_names_differ_only_in_where_the_dot_belongs_are_both_audited():
    task = both()
    result = judge(task.sent, task.rows)
    assert findings(result) == []
    rows = {name: table.rows_source for name, table in result.tables.items()}
    assert rows == {"a.`b.c`": 1, "`a.b`.c": 2}, "each is its own, and a reader can tell which is which"
    for lost, table in enumerate((ONE, OTHER)):
        (finding,) = findings(judge([s for n, s in enumerate(task.sent) if n != lost], task.rows))
        assert (finding.kind, finding.table) == (FindingKind.MISSING, str(table)), "neither stands for the other"


def test_a_backtick_in_a_name_is_doubled_as_mysql_does():
    assert str(replace(ORDERS, schema="a`", name="b.`c")) == "`a```.`b.``c`", "or a name could still pretend to be two"
    assert str(ORDERS) == "shop.orders", "any other name is as it is"


def test_only_a_table_of_dms_is_internal_whatever_the_schema_is_called():
    task = both()
    task.load(replace(ORDERS, schema="a.b", name="awsdms_status"), (1, "x", Decimal(1), None))
    task.load(replace(ORDERS, schema="a", name="b.awsdms_status"), (1, "x", Decimal(1), None))
    result = judge(task.sent, {table: rows for table, rows in task.rows.items() if table in (ONE, OTHER)})
    assert result.internal_records == 1
    assert [(f.kind, f.table) for f in findings(result)] == [(FindingKind.UNKNOWN_TABLE, "a.`b.awsdms_status`")]


def test_two_tables_under_one_name_in_the_lake_are_refused():
    rename = {"rule-type": "transformation", "rule-id": "2", "rule-name": "2", "rule-target": "table"}
    rename |= {"object-locator": {"schema-name": "%", "table-name": "%"}, "rule-action": "rename", "value": "c"}
    include = {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"}
    include |= {"object-locator": {"schema-name": "%", "table-name": "%"}}
    mapped = replace(DECLARED, mappings={"rules": [include, rename]})
    with pytest.raises(PipelineError, match=r"shop\.one and shop\.two are both shop\.c in the lake"):
        judge([], {replace(ORDERS, name="one"): [], replace(ORDERS, name="two"): []}, mapped)
