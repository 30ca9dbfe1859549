"""Both audits of one kept lake, in order and in disorder: any of them can say that the lake is not the source."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from rehearsal.athena.kept import keep_catalog
from rehearsal.audit import AuditResult, Expectations, Kind, keep_source
from rehearsal.output import Output
from rehearsal.plan import CatalogPlan
from rehearsal.report import Outcome, show
from rehearsal.vocabulary import Position
from tests.rehearsal.shops import LATER, TABLES, Shop, catalog, delivered, rows_of

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
    folder: Path, shop: Shop, declared: CatalogPlan | None = None, expectations: Expectations = DECLARED
) -> Output:
    """The folder as a rehearsal keeps it, without a catalog unless one is ``declared``."""
    etags = {}
    for one in delivered(shop.lines, per_object=2):
        (file := folder / "lake" / one.key).parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(one.body)
        etags[one.key] = one.etag
    (folder / "lake.json").write_text(json.dumps(etags))
    keep_source(folder, TABLES, rows_of(shop), Position("log.000001", 4), expectations)
    if declared:
        keep_catalog(folder, declared, LATER)
    return Output(folder)


def audited(output: Output, seed: int = 1) -> AuditResult:
    return output.audit(lambda _: None, seed)


def shown(result: AuditResult) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    show(Outcome(folder=Path("kept"), audit=result, position=Position("log", 4), seconds={}, played=None), console)
    text: str = console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]
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
    assert not any(ledger.total for ledger in result.log), "the log is right"
    assert not result.equal
    assert {(one.kind, one.key) for one in result.listed_findings} >= {(Kind.MISSING, "id=1"), (Kind.MISSING, "id=2")}
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
    assert not any(ledger.total for result in results for ledger in result.log), "as delivered the rows are right"
    found = next(result for result in results if not result.equal).listed_findings
    assert [(one.kind, one.key, one.column, one.place) for one in found] == [(Kind.DIFFERENT, "id=1", "note", "")]
    assert found[0].text.startswith("in disorder: ")


def test_of_a_damaged_object_both_name_the_rows(tmp_path: Path, shop: Shop):
    output = kept(tmp_path, shop, catalog())
    file = min(output.lake.rglob("*.gz"))
    file.write_bytes(file.read_bytes()[:-12])
    loads = next(path for path in sorted(output.lake.rglob("*.gz"))[1:])
    loads.unlink()
    result = audited(output)
    missing = {(one.key, "view" in one.text) for one in result.listed_findings if one.kind == Kind.MISSING}
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
