"""The definitions that a task ends with are those of the catalog, or the rehearsal says so."""

from dataclasses import replace

import pytest

from model import Column, PipelineError, Position
from model.table import difference
from rehearsal.play.rehearse import _check_definitions
from tests.rehearsal.replication.tables import ORDERS

END = Position("mysql-bin-changelog.000001", 4)
ID, STATUS, *REST = ORDERS.columns
ENUM = Column(name="e", data_type="enum", column_type="enum('a','b')", charset="utf8mb4", labels=("a", "b"))


def test_equal_definitions_pass_and_so_does_a_task_that_follows_no_log():
    _check_definitions((ORDERS,), (replace(ORDERS),), END)
    _check_definitions((ORDERS,), None, END)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (replace(ORDERS, columns=(STATUS, ID, *REST)), r"id bigint\(20\) and status varchar\(20\); status"),
        (replace(ORDERS, columns=(ID, *REST)), r"no column"),
        (replace(ORDERS, columns=(replace(ID, column_type="bigint(20) unsigned"), STATUS, *REST)), "unsigned"),
        (replace(ORDERS, columns=(ID, replace(STATUS, charset="latin1"), *REST)), r"status varchar\(20\)"),
        (replace(ORDERS, columns=(*ORDERS.columns, ENUM)), r"no column and e enum\('a','b'\)"),
        (replace(ORDERS, left_out=((1, ENUM),)), "left out at 1"),
        (replace(ORDERS, primary_key=()), r"primary key is \(id\) and \(\)"),
    ],
)
def test_a_definition_that_is_not_the_catalogs_is_refused_with_what_differs(other, said):
    with pytest.raises(PipelineError, match=rf"^shop\.orders is not the same .* up to .*:4: .*{said}.*report it"):
        _check_definitions((ORDERS,), (other,), END)


def test_a_captured_table_that_the_log_does_not_know_is_refused():
    with pytest.raises(PipelineError, match="one of them has no such table"):
        _check_definitions((ORDERS,), (), END)


def test_what_changes_no_row_is_no_difference():
    wider = replace(ID, column_type="bigint(9)", nullable=True)
    assert difference(ORDERS, replace(ORDERS, columns=(wider, STATUS, *REST))) == ""
