"""The example of masks, drops and filters: its lake is equal, and holds no clear value of what must not leave."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator

import pytest

from audit import AuditResult, FindingKind
from rehearsal.play.output import Output
from tests.declared import declare
from tests.rehearsal.test_rehearsal import audited, play

pytestmark = pytest.mark.usefixtures("lent_servers")
HIDDEN = {
    "person": ("passport", "born", "full_name", "email"),
    "payment": ("signature",),
    "ticket": ("seat",),
}


def clear_values(output: Output) -> Iterator[tuple[str, str]]:
    """Each value of a hidden column of the kept source as JSON has it, and the column."""
    source = output.source()
    for table in source.tables:
        for position, column in enumerate(table.columns):
            if column.name in HIDDEN.get(table.name, ()):
                for row in source.rows(table):
                    if value := row[position]:
                        text = f"0x{value.hex()}" if isinstance(value, bytes) else value
                        yield json.dumps(text, ensure_ascii=False), f"{table.name}.{column.name}"


def unpacked(output: Output) -> str:
    """Every line of the lake, with all characters written as they are."""
    lines = [line for path in output.lake.rglob("*.gz") for line in gzip.decompress(path.read_bytes()).splitlines()]
    return "\n".join(json.dumps(json.loads(line), ensure_ascii=False) for line in lines if line)


def shown(output: Output, added: str = "") -> set[str]:
    """The hidden columns of which a clear value is in the lake, or in what is ``added`` to it."""
    lake = unpacked(output) + added
    assert '"operation": "load"' in lake, "an empty lake hides everything"
    return {column for value, column in clear_values(output) if value in lake}


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Output:
    return play(
        declare("masked", config={"heartbeatMinutes": 5}), tmp_path_factory.mktemp("masked"), rows=300, changes=300
    )[1]


@pytest.fixture(scope="module")
def result(masked: Output) -> AuditResult:
    return audited(masked)


def test_the_lake_of_the_masked_stack_is_equal_by_both_audits(result: AuditResult):
    assert [str(finding) for finding in result.listed_findings] == []
    assert result.views
    assert {name for name, view in result.views.tables.items() if view.asked} == set(result.tables), "views follow"
    assert result.unproven == (), "with all the columns that are left"
    respelled = [name for name, view in result.views.tables.items() if view.notes.counts[FindingKind.RESPELLED]]
    assert respelled == [], "MariaDB masks and filters in SQL as the rows are masked and filtered"


def test_the_heartbeat_is_in_it_as_often_as_the_schedule_was_called(result: AuditResult):
    beats = result.tables["cdc_lake.heartbeat"]
    assert (beats.rows_lake, dict(beats.operations)) == (1, {"load": 1, "update": 4})


def test_no_clear_value_of_a_hidden_column_is_in_any_object(masked: Output):
    columns = {column for _, column in clear_values(masked)}
    assert columns == {f"{table}.{name}" for table, names in HIDDEN.items() for name in names}, "each has values"
    assert shown(masked) == set()


def test_no_row_that_is_filtered_away_is_in_any_object(masked: Output):
    source = masked.source()
    payment = next(table for table in source.tables if table.name == "payment")
    method = [column.name for column in payment.columns].index("method")
    assert "voucher" in {row[method] for row in source.rows(payment)}, "else there is nothing to filter"
    assert '"voucher"' not in unpacked(masked)


def test_a_clear_value_of_any_hidden_column_is_found(masked: Output):
    last = {column: value for value, column in clear_values(masked)}
    assert shown(masked, added=" ".join(last.values())) == set(last), "a search that finds nothing proves nothing"
