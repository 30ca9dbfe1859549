"""A kept source gives back exactly what was kept, so that an audit can be repeated without the source."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from audit import Expectations, audit, keep_expectations, keep_source, open_source
from model import PipelineError, Position, Table
from model.plan import ReplicationPlan
from tests.audit.lakes import DECLARED, ORDERS, SEATS, column, findings, objects, shop

POSITION = Position("mysql-bin-changelog.000002", 4711)
NAMES = ("a/b", "ü", "n", "d", "f", "t", "b", "z")
ALL = Table(
    schema="s",
    name="../all",
    columns=tuple(column(name, "enum('x','y')", labels=("x", "y")) for name in NAMES),
    primary_key=("n", "ü"),
    left_out=((2, column("hidden", "int(11)", nullable=False)),),
)
ROW = (
    1,
    -7,
    18446744073709551615,
    Decimal("12345.12345678901234567890"),
    0.1,
    "größe\u2028\n🎟",
    b"\x00\xff",
    None,
)


def test_values_of_every_form_come_back_exactly(tmp_path):
    keep_source(tmp_path, [ALL], lambda _: [ROW, ROW], POSITION, DECLARED)
    kept = open_source(tmp_path)
    rows = list(kept.rows(kept.tables[0]))
    assert rows == [ROW, ROW], "the very values"
    assert [list(map(type, row)) for row in rows] == [list(map(type, ROW))] * 2, "of the very types"


def test_tables_position_and_expectations_come_back(tmp_path):
    keep_source(tmp_path, [ALL, ORDERS], lambda _: [], POSITION, DECLARED)
    kept = open_source(tmp_path)
    assert kept.tables == (ALL, ORDERS), "with every column, key and what is left out"
    assert kept.position == POSITION, "where the rows were read"
    assert kept.expectations == DECLARED, "what the lake was declared to be"


def test_what_the_source_answered_comes_back_by_table_and_query(tmp_path):
    told = {"SELECT 1": [("0a", 2, Decimal(10**31))], "SELECT 2": []}
    keep_source(tmp_path, [ALL, ORDERS], lambda _: [], POSITION, DECLARED, lambda it: told if it is ORDERS else {})
    kept = open_source(tmp_path)
    assert kept.answer(ORDERS, "SELECT 1") == [("0a", 2, Decimal(10**31))]
    assert kept.answer(ORDERS, "SELECT 2") == []
    assert (kept.answer(ORDERS, "SELECT 3"), kept.answer(ALL, "SELECT 1")) == (None, None), "it was not asked"


def test_answers_of_rows_that_were_kept_before_are_gone(tmp_path):
    for told in ({"SELECT 1": [(1,)]}, {}):
        keep_source(tmp_path, [ORDERS], lambda _: [], POSITION, DECLARED, lambda _, told=told: told)
    assert open_source(tmp_path).answer(ORDERS, "SELECT 1") is None


def test_broken_answers_are_refused_with_their_table(tmp_path):
    kept = keep_source(tmp_path, [ORDERS], lambda _: [], POSITION, DECLARED, lambda _: {"SELECT 1": [(1,)]})
    (tmp_path / "source" / "0.answers.json").write_text("[[", encoding="utf-8")
    with pytest.raises(PipelineError, match=r"kept source of shop\.orders: .*rehearse again"):
        kept.answer(ORDERS, "SELECT 1")


def test_names_of_tables_never_become_paths(tmp_path):
    keep_source(tmp_path / "kept", [ALL], lambda _: [ROW], POSITION, DECLARED)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"], "a table may be called ../all"


def test_the_audit_of_a_kept_source_is_the_audit_of_the_source(tmp_path):
    task = shop()
    keep_source(tmp_path, [ORDERS, SEATS], task.rows.__getitem__, POSITION, DECLARED)
    kept = open_source(tmp_path)
    assert audit(objects(task.sent), kept.tables, kept.rows, kept.expectations).equal, "nothing was changed"
    file = tmp_path / "source" / "0.jsonl"
    file.write_text(file.read_text(encoding="utf-8").replace('"done"', '"gone"'), encoding="utf-8")
    (finding,) = findings(audit(objects(task.sent), kept.tables, kept.rows, kept.expectations))
    assert (finding.key, finding.column, finding.source, finding.lake) == ("id=1", "status", '"gone"', '"done"'), (
        "a source that was tampered with is no more believed than the lake"
    )


def test_a_folder_without_a_kept_source_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(PipelineError, match=r"has no kept source .*--keep"):
        open_source(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"tables":[]}', '{"tables":[],"position":{},"expectations":{}}'])
def test_a_broken_index_is_refused(tmp_path, text):
    (tmp_path / "source.json").write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match="has no kept source"):
        open_source(tmp_path)


def test_broken_rows_are_refused_with_their_table(tmp_path):
    kept = keep_source(tmp_path, [ORDERS], lambda _: [(1, "a", Decimal(1), None)], POSITION, DECLARED)
    (tmp_path / "source" / "0.jsonl").write_text('[1,"a",{"decimal"', encoding="utf-8")
    with pytest.raises(PipelineError, match=r"kept source of shop\.orders: .*0\.jsonl"):
        list(kept.rows(ORDERS))


def test_a_value_that_no_source_gives_is_not_kept(tmp_path):
    with pytest.raises(TypeError, match="set is no value"):
        keep_source(tmp_path, [ORDERS], lambda _: [({1}, "a", None, None)], POSITION, DECLARED)  # pyrefly: ignore[bad-argument-type]


LOBS = {"TargetMetadata": {"LimitedSizeLobMode": False}}


def plan(**more):
    fields: dict[str, Any] = {"task_id": "t", "migration_type": "full-load-and-cdc", "table_mappings": {}}
    return ReplicationPlan(**fields | {"settings": {}, "kinesis": {}} | more)


def test_a_plan_that_declares_nothing_has_the_defaults_of_dms():
    assert Expectations.of(plan()) == Expectations(lob_bytes=32 * 1024), "all of DMS's switches are off by default"


def test_the_declared_switches_are_what_is_expected():
    kinesis = {"includeNullAndEmpty": True, "includeTransactionDetails": True}
    image = {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "before-image", "ColumnFilter": "all"}}
    assert Expectations.of(plan(kinesis=kinesis, settings=image | LOBS)) == DECLARED, "as the pipeline declares"
    cdc = plan(migration_type="cdc", settings=LOBS)
    assert Expectations.of(cdc) == Expectations(full_load=False), "cdc loads nothing"
    off = {"BeforeImageSettings": {**image["BeforeImageSettings"], "EnableBeforeImage": False}}
    assert Expectations.of(plan(kinesis=kinesis, settings=off | LOBS)) == replace(DECLARED, before_image=""), (
        "switched off"
    )


def test_a_result_is_json_with_counts_and_findings():
    task = shop()
    result = audit(objects(task.sent[:-1]), task.rows, task.rows.__getitem__, DECLARED)
    document = json.loads(json.dumps(result.as_json()))
    seats = document["tables"]["shop.seats"]
    assert document["equal"] is False, "the verdict"
    assert document["total_findings"] == seats["findings"]["total"] == 1, "all findings are counted"
    assert seats["findings"]["listed"][0]["key"] == 'hall=1, seat="A2"', "and listed with their key"
    assert seats["operations"] == {"load": 6, "update": 3, "delete": 1}, "records by operation"


def test_what_is_known_only_at_the_end_is_kept_beside_what_was_declared(tmp_path):
    keep_source(tmp_path, [ORDERS], lambda _: [], POSITION, DECLARED)
    more = {"from_start": True, "acknowledged": {"shop.orders": {"load": 3}}, "last_change": (87978110091470, 1)}
    keep_expectations(tmp_path, **more)
    assert open_source(tmp_path).expectations == replace(DECLARED, **more), "a repeated audit expects the same"
