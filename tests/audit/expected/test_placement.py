"""Where objects lie: what is delivered elsewhere than declared is not found by those who look where it should be."""

from dataclasses import replace
from typing import Any

import pytest

from audit import FindingKind
from audit.expected.placement import placement
from tests.audit.lakes import DECLARED, deliver, findings, judge, shop
from tests.plans import delivery_plan

PLAN = delivery_plan(error_prefix="errors/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/")
SHOP = shop()
NAME = "lake-1-2026-11-22-10-00-00-9c5b94b1-35ad-49bb-b118-8e8fc24abf80"


def found(key, plan=PLAN):
    """The findings about a lake whose records are all in one object of this name."""
    lake = [deliver((sent.line for sent in SHOP.sent), key)]
    return findings(judge(lake, SHOP.rows, replace(DECLARED, **dict[str, Any](placement(plan)))))


def test_an_object_below_the_declared_prefix_is_where_it_belongs():
    assert found(f"raw/dt=2026-11-22/hr=10/{NAME}.json.gz") == []


@pytest.mark.parametrize(
    "key",
    [
        f"elsewhere/dt=2026-11-22/hr=10/{NAME}.json.gz",
        f"raw/dt=2026-11/hr=10/{NAME}.json.gz",
        f"raw/dt=2026-11-22/{NAME}.json.gz",
        f"raw/dt=2026-11-22/hr=10/more/{NAME}.json.gz",
        f"raw/dt=2026-11-22/hr=10/{NAME}.gz",
        f"x/raw/dt=2026-11-22/hr=10/{NAME}.json.gz",
    ],
)
def test_an_object_elsewhere_is_named_though_its_records_are_right(key):
    (finding,) = found(key)
    assert (finding.kind, finding.place) == (FindingKind.MISPLACED, key)
    assert "not where the delivery stream was declared to put it" in finding.text


def test_an_object_below_the_error_prefix_is_a_failure_of_the_delivery():
    (finding,) = found(key := f"errors/processing-failed/dt=2026-11-22/{NAME}.json.gz")
    assert (finding.kind, finding.place) == (FindingKind.MISPLACED, key)
    assert "below the error prefix" in finding.text, "the remedy is another one than for a wrong prefix"


@pytest.mark.parametrize(
    ("prefix", "error_prefix", "key"),
    [
        ("", "", "2026/11/22/10/"),
        ("raw/", "", "raw/2026/11/22/10/"),
        ("raw/", "raw/errors/", "raw/2026/11/22/10/"),
        ("r(a)w.", "errors/", "r(a)w.2026/11/22/10/"),
        ("!{timestamp:MMM''dd'th of June'}/!{firehose:random-string}/", "e/", "Nov'22th of June/9c5b94b1-35/"),
    ],
)
def test_prefixes_mean_what_firehose_makes_of_them(prefix, error_prefix, key):
    plan = replace(PLAN, prefix=prefix, error_prefix=error_prefix, file_extension="")
    assert found(f"{key}{NAME}.gz", plan) == [], "the default time, the default extension, quoted text"
    errors = error_prefix.partition("!")[0] or prefix
    (finding,) = found(f"{errors}processing-failed/2026/11/22/10/{NAME}.gz", plan)
    assert "below the error prefix" in finding.text, "also where both begin alike"


@pytest.mark.parametrize("table", ["orders", "a/b", "table=x", "_none"])
def test_a_partitioned_lake_has_a_folder_for_each_table(table):
    prefix = PLAN.prefix + "schema=!{partitionKeyFromQuery:schema}/table=!{partitionKeyFromQuery:table}/"
    plan = replace(PLAN, prefix=prefix, partition_query="{schema:.s,table:.t}")
    below = f"{NAME}.json.gz"
    assert found(f"raw/dt=2026-11-22/hr=10/schema=shop/table={table}/{below}", plan) == [], "a name may hold a slash"
    for key in (f"raw/dt=2026-11-22/hr=10/{below}", f"raw/dt=2026-11-22/hr=10/table={table}/{below}"):
        (finding,) = found(key, plan)
        assert finding.kind == FindingKind.MISPLACED, "a reader of one table's folder would not find it"


def test_without_a_delivery_objects_may_lie_anywhere():
    assert findings(judge([deliver((s.line for s in SHOP.sent), "x")], SHOP.rows)) == [], "nothing was declared"
