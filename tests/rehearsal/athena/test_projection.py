"""Which objects a raw table sees: what no projected partition covers is not there, as on AWS, without a word."""

from __future__ import annotations

from typing import Any

import pytest

from model import PipelineError
from rehearsal.athena.projection import Projection
from tests.rehearsal.athena.catalogs import FOLDER, NOW, lines, raw_table, stored


def seen(key: str, **more: Any) -> tuple[str, ...] | None:
    return Projection(raw_table(**more), NOW).values(key)


def test_the_partition_columns_come_from_the_key():
    assert seen(FOLDER + "a.gz") == ("2026-11-23", "03")


def test_an_object_in_a_folder_below_is_seen_too():
    assert seen(FOLDER + "schema=s/table=t/a.gz") == ("2026-11-23", "03"), "Athena lists by prefix"


@pytest.mark.parametrize(
    "key",
    [
        "raw/dt=2026-10-31/hr=03/a",  # before the range
        "raw/dt=2026-11-24/hr=03/a",  # after NOW
        "raw/dt=2026-11-31/hr=03/a",  # no day
        "raw/dt=20261123/hr=03/a",
        "raw/dt=2026-11-23/hr=3/a",  # not the declared digits
        "raw/dt=2026-11-23/hr=24/a",
        "raw/dt=2026-11-23/hr=003/a",
        "raw/dt=2026-11-23/a",
        "raw/hr=03/dt=2026-11-23/a",
        "rawer/dt=2026-11-23/hr=03/a",
        "errors/raw/dt=2026-11-23/hr=03/a",
    ],
)
def test_an_object_that_no_projected_partition_covers_is_not_seen(key: str):
    assert seen(key) is None


@pytest.mark.parametrize("name", ["_SUCCESS", ".hidden", "_temporary/a", "x/.y/a"])
def test_a_name_that_begins_with_an_underscore_or_a_dot_is_hidden(name: str):
    assert seen(FOLDER + name) is None, "Hive takes such files for somebody's scratch"


@pytest.mark.parametrize(
    ("range", "first"),
    [("NOW-2DAYS,NOW", "2026-11-21"), ("NOW - 1 WEEK, NOW", "2026-11-16"), ("2026-11-20,NOW", "2026-11-20")],
)
def test_a_range_begins_on_its_first_day(range: str, first: str):
    more = {"projection.dt.range": range}
    day_before = f"raw/dt={first[:-2]}{int(first[-2:]) - 1:02}/hr=00/a"
    assert seen(f"raw/dt={first}/hr=00/a", **more)
    assert not seen(day_before, **more), f"{range} does not have it"


def test_a_range_may_end_after_now():
    assert seen("raw/dt=2026-11-24/hr=00/a", **{"projection.dt.range": "NOW,NOW+1DAY"})


def test_hours_without_declared_digits_have_no_zero_in_front():
    more = {"projection.hr.digits": None}
    assert seen("raw/dt=2026-11-23/hr=3/a", **more)
    assert not seen("raw/dt=2026-11-23/hr=03/a", **more), "Athena lists hr=3/"


def test_a_table_of_its_own_folder_sees_nothing_else():
    own = {"storage.location.template": "s3://lake/raw/dt=${dt}/hr=${hr}/schema=s/table=t/"}
    assert seen(FOLDER + "schema=s/table=t/a", **own)
    assert not seen(FOLDER + "schema=s/table=tt/a", **own)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"projection.enabled": "false"}, "projection.enabled 'false' is not played"),
        ({"projection.enabled": None}, "projection.enabled is not set"),
        ({"projection.hr.type": "enum"}, "projection.hr.type 'enum' is not played: date and integer"),
        ({"projection.hr.interval": "2"}, "projection.hr.interval '2' is not played"),
        ({"projection.dt.format": "yyyy/MM/dd"}, "projection.dt.format 'yyyy/MM/dd' is not played"),
        ({"projection.dt.interval.unit": "HOURS"}, "an interval of 1 DAYS is played"),
        ({"projection.dt.range": "NOW-1YEARS,NOW"}, "projection.dt.range 'NOW-1YEARS,NOW' is not played"),
        ({"projection.dt.range": "NOW"}, "two bounds"),
        ({"storage.location.template": None}, "storage.location.template is not set"),
        ({"storage.location.template": "s3://lake/raw/dt=${dt}/"}, "must name each partition column once: dt, hr"),
        ({"storage.location.template": "s3://lake/raw/${dt}/${hr}"}, "end with a slash"),
        ({"storage.location.template": "s3://lake/other/${dt}/${hr}/"}, "must lie below s3://lake/raw/"),
    ],
)
def test_a_projection_that_is_not_played_is_refused_by_name(more: dict[str, Any], said: str):
    with pytest.raises(PipelineError, match=r"table lines: ") as refused:
        seen(FOLDER + "a", **more)
    assert said in str(refused.value)


def test_lines_of_objects_that_are_not_seen_are_not_there():
    covered, elsewhere = stored("1\n"), stored("2\n", "raw/dt=2026-12-01/hr=00/b.gz")
    assert lines(covered, elsewhere) == ["1"], "and nothing says so: the second audit must"
