"""Lines that no query sees are lost to users without a word, though every object is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from audit import Finding, FindingKind, Findings
from audit.views.lines import DeliveredLines, check_lines
from model import PipelineError
from model.plan import CatalogPlan
from rehearsal.athena import Athena
from rehearsal.lake import LakeObject
from tests.audit.views.shops import ELSEWHERE, LATER, catalog
from tests.rehearsal.athena.catalogs import raw_table, stored

RECORD = (
    '{"data":{"id":1},"metadata":{"timestamp":"2026-11-22T10:00:00.000001Z","record-type":"data","operation":"load",'
    '"schema-name":"shop","table-name":"orders"}}\n'
)


def named(folder: str, text: str = RECORD, name: str = "lake-1.json.gz") -> LakeObject:
    return stored(text, f"{folder}{name}")


def checked(objects: list[LakeObject], declared: CatalogPlan | None = None, failed: str = "") -> list[Finding]:
    ledger, declared = Findings(), declared or catalog()
    with Athena(declared, objects, now=LATER) as athena:
        check_lines(athena.run, declared, DeliveredLines.of(objects, failed), ledger)
    return ledger.listed


def test_every_line_is_seen_and_blank_ones_are_none():
    text = f"\n{RECORD}\n \n{RECORD}{RECORD.strip()}"
    assert checked([named("raw/dt=2026-11-22/hr=10/", text), named("raw/dt=2026-11-22/hr=11/")]) == []


def test_an_object_before_the_projection_begins_is_named_with_the_range():
    (finding,) = checked([named("raw/dt=2026-10-31/hr=23/"), named("raw/dt=2026-11-01/hr=00/")])
    assert (finding.kind, finding.place) == (FindingKind.UNSEEN, "raw/dt=2026-10-31/hr=23/lake-1.json.gz")
    assert "of 1 lines" in finding.text
    assert "dt from 2026-11-01,NOW" in finding.text, "the rule that leaves it out"


def test_an_object_outside_of_every_partition_is_named():
    (finding,) = checked([named("raw/dt=2026-11-22/hour=10/"), named("raw/dt=2026-11-22/hr=10/")])
    assert (finding.kind, finding.place) == (FindingKind.UNSEEN, "raw/dt=2026-11-22/hour=10/lake-1.json.gz")
    assert "1 lines that no query sees" in finding.text


def test_an_hour_as_the_template_does_not_write_it_is_seen_by_no_query():
    (finding,) = checked([named("raw/dt=2026-11-22/hr=7/")])
    assert "below dt=2026-11-22/hr=7" in finding.text


def test_a_hidden_object_is_seen_by_no_query():
    (finding,) = checked([named("raw/dt=2026-11-22/hr=07/"), named("raw/dt=2026-11-22/hr=07/", name="_1.json.gz")])
    assert "of 2 lines" in finding.text, "Athena leaves out names that begin with an underscore"


def test_what_lies_below_the_error_prefix_is_not_for_queries():
    failed = named("errors/processing-failed/dt=2026-11-22/")
    assert checked([failed], failed="errors/.*") == []
    assert len(checked([failed])) == 1, "else the test shows nothing"


def test_the_table_of_one_source_table_must_see_all_its_folders():
    own = raw_table(
        name="orders_lines",
        **{"storage.location.template": "s3://lake/raw/dt=${dt}/hr=${hr}/schema=shop/table=orders/"},
        **{"projection.dt.range": "2026-11-20,NOW"},
    )
    declared = replace(catalog(), tables=(*catalog().tables, own))
    folder = "raw/dt=2026-11-{}/hr=10/schema=shop/table={}/"
    objects = [named(folder.format(*place)) for place in ((19, "orders"), (19, "seats"), (20, "orders"))]
    (finding,) = checked(objects, declared)
    assert ("table orders_lines" in finding.text, finding.place) == (True, objects[0].key), "seats are not its own"


def test_objects_that_did_not_all_come_to_where_they_are_asked_prove_nothing():
    objects = [named("raw/dt=2026-11-22/hr=10/"), named("raw/dt=2026-11-22/hr=11/")]
    lines = DeliveredLines("")
    first = next(lines.passing(objects))
    with (
        Athena(catalog(), [first], now=LATER) as athena,
        pytest.raises(PipelineError, match="not every object came to where it is asked"),
    ):
        check_lines(athena.run, catalog(), lines, Findings())


def test_a_damaged_object_does_not_pass_where_only_whole_ones_do():
    whole, other = named("raw/dt=2026-11-22/hr=10/"), named("raw/dt=2026-11-22/hr=11/")
    damaged = replace(other, body=other.body[:-9])
    lines = DeliveredLines("", whole=True)
    assert (list(lines.passing([damaged, whole])), lines.damaged) == ([whole], {damaged.key})
    assert lines.counts == {whole.key: 1}, "it would be told as lines that queries do not see"


def test_lines_that_are_no_record_are_counted():
    text = RECORD + "".join(f"{line}\n" for line in ELSEWHERE)
    (finding,) = checked([named("raw/dt=2026-11-22/hr=10/", text)])
    assert (finding.kind, finding.place) == (FindingKind.UNREADABLE, "dt=2026-11-22/hr=10")
    assert "4 lines are no records" in finding.text, "of other tables' records, blank lines and garbage"
