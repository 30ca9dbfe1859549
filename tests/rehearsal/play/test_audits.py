"""Both audits of one kept lake, in order and in disorder: any of them can say that the lake is not the source."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from rich.console import Console

from audit import AuditResult, DeliveredLines, Expectations, FindingKind, audit_views, keep_source
from documents.versions import Windows
from model import Position
from model.plan import CatalogPlan
from rehearsal.athena import Athena
from rehearsal.athena.kept_catalog import keep_catalog, open_catalog
from rehearsal.play import audits
from rehearsal.play.output import Output
from rehearsal.report import Outcome, show
from tests.audit.views.shops import LATER, TABLES, Shop, catalog, delivered, kept_catalog, rows_of

DECLARED = Expectations(before_image="before-image", null_and_empty=True, transaction_details=True)


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    money = Decimal("7.50")
    for table, row in (("orders", (1, "new", money)), ("orders", (2, "new", money)), ("seats", (1, "A", money))):
        shop.change(table, None, row)
    shop.miss()
    for table in ("orders", "seats"):
        shop.prepare(table)
        for row in shop.rows[table].values():
            shop.load(table, row)
    return shop


def kept(
    folder: Path,
    shop: Shop,
    declared: CatalogPlan | None = None,
    expectations: Expectations = DECLARED,
    name: Callable[[str], str] = str,
) -> Output:
    """The folder as a rehearsal keeps it, without a catalog unless one is ``declared``; ``name`` gives other names."""
    etags = {}
    for one in delivered(shop.lines, per_object=2):
        one = replace(one, key=name(one.key))
        (file := folder / "lake" / one.key).parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(one.body)
        etags[one.key] = one.etag
    (folder / "lake.json").write_text(json.dumps(etags), encoding="utf-8")
    keep_source(folder, TABLES, rows_of(shop), Position("log.000001", 4), expectations)
    if declared:
        keep_catalog(folder, declared, LATER)
    return Output(folder)


def audited(output: Output, seed: int = 1) -> AuditResult:
    return output.audit(lambda _: None, seed)


def with_view(name: str, change: Callable[[str], str]) -> CatalogPlan:
    """The catalog as it would be if the program declared other SQL for the view ``name``."""
    declared = catalog()
    views = tuple(replace(it, sql=change(it.sql)) if it.name == name else it for it in declared.views)
    assert views != declared.views, "the change must change something"
    return replace(declared, views=views)


def without_views(*names: str) -> CatalogPlan:
    declared = catalog()
    return replace(declared, views=tuple(view for view in declared.views if view.name not in names))


def shown(result: AuditResult) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    show(Outcome(folder=Path("kept"), audit=result, position=Position("log", 4), seconds={}, played=None), console)
    text: str = console.file.getvalue()  # pyrefly: ignore[missing-attribute]
    return text.splitlines()


def test_a_right_lake_is_equal_by_both_and_the_verdict_says_so(tmp_path: Path, shop: Shop):
    lines = shown(result := audited(kept(tmp_path, shop, catalog())))
    assert result.equal, f"{result.listed_findings}"
    assert lines[-1].startswith("EQUAL: 2 tables, 3 rows, lake == source at log:4, ")
    assert lines[-1].endswith(", by the log (in order and disordered) and by the declared views (disordered)")
    assert [line.count("EQUAL") for line in lines if "shop." in line] == [2, 2], "each table by both"


def test_a_wrong_view_of_a_right_lake_is_not_equal(tmp_path: Path, shop: Shop):
    declared = catalog()
    views = [replace(it, sql=it.sql.replace("cdc_age = 1", "cdc_age = 2")) for it in declared.views]
    result = audited(kept(tmp_path, shop, replace(declared, views=tuple(views))))
    assert not any(found.total for found in result.log), "the log is right"
    assert not result.equal
    assert {(one.kind, one.key) for one in result.listed_findings} >= {
        (FindingKind.MISSING, "id=1"),
        (FindingKind.MISSING, "id=2"),
    }
    lines = shown(result)
    assert any("EQUAL" in line and "2 findings" in line for line in lines if "shop.orders" in line), "which audit?"
    assert lines[-1].startswith("NOT EQUAL: 3 findings")


def test_an_order_that_rests_on_arrival_is_found_in_disorder(tmp_path: Path, shop: Shop):
    for number, note in enumerate(("first", "second")):
        before = shop.rows["orders"][1,]
        shop.change("orders", before, (1, note, before[2]))
        shop.capture([1 - number])
    shop.lines = [line.partition(',"commit-timestamp"')[0] + "}}" * ("commit-" in line) for line in shop.lines]
    without = replace(DECLARED, transaction_details=False)
    results = [audited(kept(tmp_path, shop, expectations=without), seed) for seed in (1, 2, 3)]
    assert not any(found.total for result in results for found in result.log), "as delivered the rows are right"
    found = next(result for result in results if not result.equal).listed_findings
    assert [(one.kind, one.key, one.column, one.place) for one in found] == [
        (FindingKind.DIFFERENT, "id=1", "note", "")
    ]
    assert found[0].text.startswith("in disorder: ")


def unpacked_by_nobody(key: str) -> str:
    """A name that does not say that the object is GZIP."""
    return key.removesuffix(".gz")


def test_gzip_under_a_name_that_does_not_say_so_is_unreadable_for_queries(tmp_path: Path, shop: Shop):
    output = kept(tmp_path, shop, catalog(), name=unpacked_by_nobody)
    result = audited(output)
    assert not any(found.total for found in result.log), "who looks at the bytes can read them"
    assert result.views, "it was asked"
    unseen = [one for one in result.views.findings.listed if one.kind == FindingKind.UNSEEN]
    assert any("it is GZIP and its name does not end with .gz" in one.text for one in unseen), "why"
    counted = [one for one in unseen if "the table lines has" in one.text]
    assert counted, "what queries show is no line of it"
    assert all("of 2 lines" in one.text or "of 1 lines" in one.text for one in counted), (
        "as delivered, two to an object"
    )
    keys = {path.relative_to(output.lake).as_posix() for path in output.lake.rglob("*.json")}
    assert {one.place for one in unseen} <= keys, "and where it was delivered"
    assert result.views.tables["shop.orders"].findings.counts[FindingKind.MISSING] == 2, (
        "in disorder it is packed as it was"
    )


@pytest.mark.parametrize("seed", range(4))
def test_an_object_that_no_query_sees_is_not_brought_into_sight(tmp_path: Path, shop: Shop, seed: int):
    table = replace(catalog().tables[0], parameters={**catalog().tables[0].parameters, "projection.hr.range": "0,11"})
    output = kept(tmp_path, shop, replace(catalog(), tables=(table,)))
    hidden = sorted(path for path in output.lake.rglob("*.gz") if "/hr=12/" in str(path))
    assert hidden, "else the test shows nothing"
    result = audited(output, seed)
    assert result.views
    places = {one.place for one in result.views.findings.listed if one.kind == FindingKind.UNSEEN}
    assert places >= {path.relative_to(output.lake).as_posix() for path in hidden}
    assert any(found.counts[FindingKind.MISSING] for found in result.views.all_findings), (
        "and its rows are not there for users"
    )


@pytest.mark.parametrize("seed", range(4))
def test_disorder_puts_no_object_where_no_query_looks(tmp_path: Path, shop: Shop, seed: int):
    parameters = {
        **catalog().tables[0].parameters,
        "projection.dt.range": "2026-11-22,NOW",
        "projection.hr.range": "10,23",
    }
    table = replace(catalog().tables[0], parameters=parameters)
    result = audited(kept(tmp_path, shop, replace(catalog(), tables=(table,))), seed)
    assert result.equal, f"that would be a fault of the audit: {result.listed_findings}"


def test_a_view_whose_answer_rests_on_the_place_of_records_is_found(tmp_path: Path, shop: Shop):
    for number in range(6):
        before = shop.rows["orders"][1,]
        shop.change("orders", before, (1, f"note {number}", before[2]))
        shop.commit(1)
        shop.capture()
    by_place = """SELECT id, note, total, cdc_operation, cdc_message_time, cdc_commit_time, cdc_unreadable FROM (
        SELECT *, row_number() OVER (PARTITION BY id ORDER BY cdc_dt DESC, cdc_hr DESC, cdc_message_time DESC) AS age
        FROM lake.shop_orders_changes) WHERE age = 1"""
    declared, objects = with_view("shop_orders_current", lambda _: by_place), delivered(shop.lines, per_object=2)
    with Athena(declared, objects, now=LATER) as athena:
        in_order = audit_views(athena.run, declared, DeliveredLines.of(objects), TABLES, rows_of(shop), DECLARED)
    assert not any(found.total for found in in_order.all_findings), "as delivered its rows are right"
    result = audited(kept(tmp_path, shop, declared))
    assert not any(found.total for found in result.log), "and so is the log, in any order"
    found = {(one.kind, one.key, one.column) for one in result.listed_findings}
    assert (FindingKind.DIFFERENT, "id=1", "note") in found, "an object that comes later holds older records"


LAST_OF_EACH = """SELECT id, note, total, cdc_operation, cdc_message_time, cdc_commit_time, cdc_transaction_id,
    cdc_record_id, cdc_unreadable, cdc_record, cdc_dt, cdc_hr FROM (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY cdc_message_time DESC) AS age FROM ({})) WHERE age = 1"""
WRONG_LOGS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "nothing": ("changes", lambda sql: f"{sql} AND 1 = 0", "the view changes has 0 load records"),
    "no deletes": (
        "changes",
        lambda sql: f"{sql} AND cdc_operation <> 'delete'",
        "the view changes has 0 delete records",
    ),
    "the last change of a key": ("shop_orders_changes", LAST_OF_EACH.format, "the view shop_orders_changes has "),
    "no control records": ("control_records", lambda sql: f"{sql} AND 1 = 0", "the view control_records has 0 control"),
}


@pytest.mark.parametrize("what", WRONG_LOGS)
def test_a_view_of_changes_that_leaves_some_out_is_found_though_the_rows_are_right(
    tmp_path: Path, shop: Shop, what: str
):
    name, change, said = WRONG_LOGS[what]
    for number in range(20):
        shop.change("seats", None, (number + 2, "B", Decimal(1)))
        shop.change("seats", (number + 2, "B", Decimal(1)), None)
    shop.change("orders", (1, "new", Decimal("7.50")), (1, "paid", Decimal("7.50")))
    shop.capture()
    result = audited(kept(tmp_path, shop, with_view(name, change)))
    assert result.views
    assert not any(table.findings.total for table in result.views.tables.values()), "the rows are right"
    counted = [one for one in result.listed_findings if one.kind == FindingKind.COUNTED]
    assert any(one.text.startswith(said) and "by the log there are" in one.text for one in counted), f"{counted}"
    assert {one.table for one in counted} <= ({"shop.orders", "shop.seats"} if name != "control_records" else {""})


def test_a_table_whose_view_is_not_there_makes_the_proof_partial(tmp_path: Path, shop: Shop):
    result = audited(kept(tmp_path, shop, without_views("shop_seats_current")))
    (*_, verdict) = shown(result)
    assert result.equal, "exit code 0: nothing is wrong"
    assert verdict.startswith("EQUAL as far as provable: ")
    assert verdict.endswith("(1 of 2 tables, disordered); see the notes of shop.seats")


def test_a_view_that_lacks_a_column_makes_the_proof_partial(tmp_path: Path, shop: Shop):
    declared = with_view("shop_orders_current", lambda sql: f"SELECT id, total FROM ({sql})")
    views = [
        replace(it, columns=it.columns[::2][:2]) if it.name == "shop_orders_current" else it for it in declared.views
    ]
    result = audited(kept(tmp_path, shop, replace(declared, views=tuple(views))))
    assert (result.equal, result.unproven) == (True, ("shop.orders",)), f"{result.listed_findings}"


def test_a_catalog_whose_views_of_rows_are_all_of_other_tables_is_a_finding(tmp_path: Path, shop: Shop):
    declared = catalog()
    views = [
        replace(it, table=("old", it.table[1])) if it.kind == "current" and it.table else it for it in declared.views
    ]
    result = audited(kept(tmp_path, shop, replace(declared, views=tuple(views))))
    assert [one.kind for one in result.listed_findings] == [FindingKind.NO_VIEW], "nothing asked is nothing proven"


def test_without_any_described_table_the_proof_is_partial_and_no_failure(tmp_path: Path, shop: Shop):
    result = audited(kept(tmp_path, shop, without_views("shop_seats_current", "shop_orders_current")))
    (*_, verdict) = shown(result)
    assert result.equal, f"the untyped views are right: {result.listed_findings}"
    assert verdict.startswith("EQUAL as far as provable: ")
    assert "(0 of 2 tables, disordered)" in verdict


@pytest.mark.parametrize("name", ["records", "changes", "control_records"])
def test_a_catalog_without_a_view_of_all_tables_is_a_finding(tmp_path: Path, shop: Shop, name: str):
    declared = catalog()
    views = [replace(it, name="old") if it.name == name else it for it in declared.views]
    if name == "records":  # the others read it
        views = [replace(it, sql=it.sql.replace(".records\n", ".old\n").replace('"records"', '"old"')) for it in views]
    result = audited(kept(tmp_path, shop, replace(declared, views=tuple(views))))
    assert any(f"no view {name}" in one.text for one in result.listed_findings), f"{result.listed_findings}"


def test_what_the_log_tells_is_not_lost_with_views_that_cannot_be_asked(tmp_path: Path, shop: Shop):
    shop.rows["orders"][3,] = (3, "never captured", Decimal(1))
    broken = with_view("shop_orders_current", lambda sql: sql.replace("cdc_age = 1", "cdc_agee = 1"))
    lines = shown(result := audited(kept(tmp_path, shop, broken)))
    assert any(one.kind == FindingKind.MISSING and one.key == "id=3" for one in result.listed_findings), "of the log"
    assert any("the views could not be asked: view shop_orders_current: " in line for line in lines), "which, and why"


def test_what_was_found_of_the_lines_is_not_lost_with_views_that_cannot_be_asked(tmp_path: Path, shop: Shop):
    broken = with_view("shop_orders_current", lambda sql: sql.replace("cdc_age = 1", "cdc_agee = 1"))
    result = audited(kept(tmp_path, shop, broken, name=unpacked_by_nobody))
    assert {one.kind for one in result.listed_findings} >= {FindingKind.UNSEEN, FindingKind.UNASKED}


def test_a_query_that_fails_while_it_runs_is_a_finding_and_shows_no_record(tmp_path: Path, shop: Shop):
    failing = with_view(
        "shop_orders_current",
        lambda sql: sql.replace(
            "cdc_age = 1", "cdc_age = 1 AND (SELECT max(CAST(line AS integer)) FROM lake.lines) = 1"
        ),
    )
    result = audited(kept(tmp_path, shop, failing))
    assert result.views
    (finding,) = result.views.tables["shop.orders"].findings.listed
    assert finding.kind == FindingKind.UNASKED
    assert "the view shop_orders_current could not be asked: " in finding.text
    assert "metadata" not in finding.text, "a line of the lake may hold what nobody may see"
    assert result.views.tables["shop.seats"].asked, "the others are asked all the same"


def test_a_projection_that_cannot_be_played_leaves_the_log_s_audit(tmp_path: Path, shop: Shop):
    table = replace(catalog().tables[0], parameters={**catalog().tables[0].parameters, "projection.hr.type": "enum"})
    result = audited(kept(tmp_path, shop, replace(catalog(), tables=(table,))))
    assert list(result.tables) == ["shop.orders", "shop.seats"]
    assert [one.kind for one in result.listed_findings] == [FindingKind.UNASKED]


def says_nothing(*_: object) -> None:
    """Ends as a worker does that has nothing to tell."""


def dies(*_: object) -> None:
    raise EOFError("Ran out of input")


@pytest.mark.parametrize("target", [says_nothing, dies])
def test_views_that_are_declared_and_tell_nothing_are_a_finding(
    tmp_path: Path, shop: Shop, target: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audits, "_ask_views", target)
    result = audited(kept(tmp_path, shop, catalog()))
    assert [one.kind for one in result.listed_findings] == [FindingKind.UNASKED], "it is no stack without views"
    assert result.disorder is not None, "and the log's audit went on"


def test_an_engine_with_too_little_memory_is_followed_by_a_larger_one(tmp_path: Path, shop: Shop):
    def too_small(*_: object, **__: object) -> Athena:
        raise MemoryError("128 MB are too little")

    output = kept(tmp_path, shop, catalog())
    objects, source, lake = output._objects(), output.source(), open_catalog(output.folder)
    small: Any = too_small
    answers = audits._ask_views(Mock(), objects, source, lake, 1, [small, Athena])
    assert sum(found.total for found in answers.all_findings) == 0
    assert [table.rows for table in answers.tables.values()] == [2, 1]
    (finding,) = audits._ask_views(Mock(), objects, source, lake, 1, [small, small]).findings.listed
    assert "128 MB are too little" in finding.text


def test_an_object_that_goes_while_it_is_audited_is_as_one_that_was_gone(tmp_path: Path, shop: Shop):
    output = kept(tmp_path, shop, catalog())
    objects = output._objects()
    for file in output.lake.rglob("*.gz"):
        file.unlink()
    assert {one.body for one in objects.values()} == {b""}


def test_of_a_damaged_object_both_name_the_rows(tmp_path: Path, shop: Shop):
    output = kept(tmp_path, shop, catalog())
    file = min(output.lake.rglob("*.gz"))
    file.write_bytes(file.read_bytes()[:-12])
    loads = next(path for path in sorted(output.lake.rglob("*.gz"))[1:])
    loads.unlink()
    result = audited(output)
    missing = {(one.key, "view" in one.text) for one in result.listed_findings if one.kind == FindingKind.MISSING}
    assert missing >= {("id=1", False), ("id=1", True)}, "what is lost for the log is lost for queries"
    assert result.disorder is None, "nothing more could be learnt from disorder"


def test_a_lake_that_was_kept_without_a_catalog_is_audited_by_its_log(tmp_path: Path, shop: Shop):
    lines = shown(result := audited(kept(tmp_path, shop)))
    assert (result.equal, result.views) == (True, None)
    assert lines[-1].endswith("by the log (in order and disordered)")
    assert any("no views are known" in line for line in lines), "what was not done is said"


def test_a_lake_is_audited_as_of_its_time(tmp_path: Path, shop: Shop):
    declared = catalog()
    parameters = {**declared.tables[0].parameters, "projection.dt.range": "NOW-30DAYS,NOW-30DAYS"}
    table = replace(declared.tables[0], parameters=parameters)
    result = audited(kept(tmp_path, shop, replace(declared, tables=(table,))))
    assert result.equal, "NOW is when it was kept; years later the objects are still there"


def test_the_report_for_machines_has_both(tmp_path: Path, shop: Shop):
    document = json.loads(json.dumps(audited(kept(tmp_path, shop, catalog())).as_json()))
    assert document["views"]["tables"]["shop.orders"]["rows"] == 2
    assert (document["views"]["findings"]["total"], document["disorder"]["total"]) == (0, 0)


WINDOWS = Windows(again=3, latest=48)


def moved(shop: Shop) -> Shop:
    """With changes of all kinds: the key of a row, of whole tables, and of what is gone."""
    money = Decimal("7.50")
    shop.commit()
    shop.change("orders", (1, "new", money), (3, "moved", money))
    shop.change("orders", (2, "new", money), None)
    shop.truncate("seats")
    shop.change("seats", None, (2, "B", money))
    shop.capture()
    return shop


def test_tables_that_are_kept_are_equal_and_the_verdict_says_so(tmp_path: Path, shop: Shop):
    output = kept(tmp_path, moved(shop), kept_catalog(WINDOWS))
    lines = shown(result := audited(output))
    assert result.equal, f"{result.listed_findings}"
    assert lines[-1].endswith(", by the declared views (disordered) and by the Iceberg tables (10 merges, disordered)")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("ARRAY[false, true]", "ARRAY[false]", "extra: shop.orders [id=1]: the table shop_orders has this row"),
        ("merged.cdc_version > kept", "'z' > kept", "the MERGE of shop_orders, run again on the same lake, changes"),
        (
            "cdc_age = 1",
            "cdc_agee = 1",
            "shop.seats: the statements that keep the table shop_seats could not be asked: ",
        ),
    ],
)
def test_a_merge_that_is_wrong_is_not_equal(tmp_path: Path, shop: Shop, old: str, new: str, found: str):
    declared = kept_catalog(WINDOWS)
    tables = [replace(it, merge=it.merge.replace(old, new)) for it in declared.kept_tables]
    result = audited(kept(tmp_path, moved(shop), replace(declared, kept_tables=tuple(tables))))
    assert not any(one.total for one in result.log), "the log is right"
    assert any(found in str(one) for one in result.listed_findings), f"{result.listed_findings}"
