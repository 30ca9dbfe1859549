"""Disorder: everything that delivery may do to a lake, and nothing that it may not."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from audit.objects.delivered import Problem, documents
from rehearsal.lake import LakeObject
from rehearsal.play import disorder

PLACED = r"raw/dt=[0-9]{4}-[0-9]{2}-[0-9]{2}/hr=[0-9]{2}/(table=[a-z]+/)?lake-[0-9]+\.json\.gz"


def delivered(name: str, lines: list[str], folder: str = "raw/dt=2026-11-22/hr=10/") -> LakeObject:
    body = gzip.compress("".join(f"{line}\n" for line in lines).encode())
    etag = hashlib.md5(body).hexdigest()
    return LakeObject(
        key=f"{folder}{name}.json.gz", body=body, etag=etag, last_modified=datetime(2026, 11, 22, tzinfo=UTC)
    )


def disordered(
    objects: Iterable[LakeObject], seed: int, may_lie: Callable[[str], bool] = lambda key: True
) -> list[LakeObject]:
    return list(disorder.disordered({one.key: one for one in objects}, seed, may_lie))


def lines_of(one: LakeObject) -> list[bytes]:
    return gzip.decompress(one.body).split(b"\n")


def lake(folder: str = "raw/dt=2026-11-22/hr=10/", table: str = "t") -> list[LakeObject]:
    return [
        delivered(f"lake-{number}", [f'{{"{table}":{number * 50 + line}}}' for line in range(50)], folder)
        for number in range(20)
    ]


@pytest.fixture
def mixed() -> list[LakeObject]:
    return disordered(lake(), 1)


def counted(objects: list[LakeObject]) -> Counter[bytes]:
    return Counter(line for one in objects for line in lines_of(one) if line)


def test_no_record_is_lost_and_none_is_changed(mixed: list[LakeObject]):
    assert counted(mixed).keys() == counted(lake()).keys()


def test_about_every_tenth_record_is_there_twice_and_some_three_times(mixed: list[LakeObject]):
    times = Counter(counted(mixed).values())
    assert times.keys() == {1, 2, 3}
    assert 50 < times[2] + times[3] < 200, "of a thousand"


def test_a_copy_lies_in_another_object(mixed: list[LakeObject]):
    (twice, _), *_ = counted(mixed).most_common()
    assert sum(twice in lines_of(one) for one in mixed) > 1


def test_records_lie_in_another_order(mixed: list[LakeObject]):
    numbers = [[int(line[5:-1]) for line in lines_of(one) if line] for one in mixed]
    neighbours = [pair for there in numbers for pair in pairwise(there)]
    backwards = [pair for pair in neighbours if pair[1] < pair[0] and pair[0] // 50 == pair[1] // 50]
    assert backwards, "records of one object too, and not only the objects"


def test_some_objects_lie_in_earlier_partitions_and_none_in_later_ones(mixed: list[LakeObject]):
    places = [re.sub(r"raw/dt=(.*)/hr=(\d\d)/.*", r"\1 \2", one.key) for one in mixed]
    assert 0 < sum(place != "2026-11-22 10" for place in places) < 15
    assert max(places) == "2026-11-22 10", "an object is never delivered before its time"
    assert len({place.partition(" ")[0] for place in places}) > 1, "hours away, and days"


def test_names_are_as_the_declaration_wants_them(mixed: list[LakeObject]):
    assert all(re.fullmatch(PLACED, one.key) for one in mixed)
    assert len({one.key for one in mixed}) == len(lake())


def test_there_are_blank_lines_and_objects_without_a_newline_at_the_end(mixed: list[LakeObject]):
    assert any(b"" in lines_of(one)[:-1] for one in mixed)
    assert {bool(lines_of(one)[-1]) for one in mixed} == {True, False}


def test_there_is_nothing_wrong_with_the_objects_themselves(mixed: list[LakeObject]):
    assert not [found for one in mixed for found in documents(one) if isinstance(found, Problem)]


def test_the_same_seed_gives_the_same_lake_and_another_seed_another():
    assert disordered(lake(), 7) == disordered(reversed(lake()), 7), "in whatever order the objects are listed"
    assert disordered(lake(), 7) != disordered(lake(), 8)


def test_records_stay_in_the_folder_of_their_table():
    folder = "raw/dt=2026-11-22/hr=10/table={}/"
    for one in disordered([*lake(folder.format("a"), "a"), *lake(folder.format("b"), "b")], 1):
        table = one.key.split("table=")[1][0]
        assert all(line.startswith(f'{{"{table}"'.encode()) for line in lines_of(one) if line), one.key


def test_an_object_lies_only_where_it_may():
    mixed = disordered(lake(), 1, lambda key: "dt=2026-11-22/hr=0" in key or "hr=10" in key)
    assert {re.sub(r".*/dt=(.*)/lake.*", r"\1", one.key) for one in mixed} <= {
        "2026-11-22/hr=09", "2026-11-22/hr=08", "2026-11-22/hr=05", "2026-11-22/hr=10"
    }  # fmt: skip


def test_an_object_that_no_query_sees_stays_where_and_as_it_is():
    unseen = delivered("lake-3", ['{"t":1}', '{"t":2}'], "raw/dt=2025-01-01/hr=10/")
    for seed in range(9):
        assert unseen in disordered([*lake(), unseen], seed, lambda key: "dt=2026" in key), "moved, it would be seen"


@pytest.mark.parametrize(("ending", "packed"), [(".json", True), (".gz", True), (".json", False)])
def test_an_object_is_packed_as_it_was_whatever_its_name(ending: str, packed: bool):
    def renamed(one: LakeObject) -> LakeObject:
        body = one.body if packed else gzip.decompress(one.body)
        key = one.key.removesuffix(".json.gz") + ending
        return replace(one, key=key, body=body, etag=hashlib.md5(body).hexdigest())

    mixed = disordered([renamed(one) for one in lake()], 1)
    assert {one.body.startswith(b"\x1f\x8b") for one in mixed} == {packed}, (
        "who unpacks by the name meets what was there"
    )


def test_no_two_objects_get_one_name():
    hours = [f"raw/dt=2026-11-22/hr={hour:02}/" for hour in range(24)]
    lake = [delivered("lake-1", [f'{{"t":{number}}}'], folder) for number, folder in enumerate(hours)]
    assert len({one.key for one in disordered(lake, 1)}) == 24, "one would take the other's place"


PRETTY = delivered("lake-7", ["{", '\t"t":1', "}"])
WHOLE = delivered("lake-8", ['{"t":1}', '{"t":2}'])


@pytest.mark.parametrize(
    "untouched",
    [
        replace(WHOLE, body=WHOLE.body[:-9], etag=hashlib.md5(WHOLE.body[:-9]).hexdigest()),
        replace(WHOLE, etag="0" * 32),
        replace(WHOLE, key="errors/processing-failed/dt=2026-11-22/lake-8.json.gz"),
        replace(WHOLE, body=b"", etag=hashlib.md5(b"").hexdigest()),
        PRETTY,
    ],
    ids=["cut off", "another ETag", "below the error prefix", "empty", "records of several lines"],
)
def test_what_is_not_lines_of_records_stays_as_it_is(untouched: LakeObject):
    assert untouched in disordered([*lake(), untouched], 1), "its bytes or its place are what the audit must judge"


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch):
    """A lake of a thousand lines is larger than a group, which has some three objects."""
    monkeypatch.setattr(disorder, "GROUP", 1500)


@pytest.mark.usefixtures("small_groups")
def test_a_lake_larger_than_a_group_loses_no_record_either():
    assert counted(mixed := disordered(lake(), 1)).keys() == counted(lake()).keys()
    assert len({one.key for one in mixed}) == len(lake())
    assert disordered(lake(), 1) == disordered(reversed(lake()), 1) != disordered(lake(), 2)


@pytest.mark.usefixtures("small_groups")
def test_the_objects_of_a_group_are_from_all_over_the_lake():
    homes = [{int(line[5:-1]) // 50 for line in lines_of(one) if line} for one in disordered(lake(), 1)]
    assert all(2 <= len(there) <= 5 for there in homes), "a group's, and no more"
    assert any(max(there) - min(there) > 10 for there in homes), "and not those of neighbours"


@pytest.mark.usefixtures("small_groups")
def test_no_object_takes_the_name_of_one_in_another_group():
    hours = [f"raw/dt=2026-11-22/hr={hour:02}/" for hour in range(24)]
    lake = [delivered("lake-1", [f'{{"t":{hour * 99 + n}}}' for n in range(99)], at) for hour, at in enumerate(hours)]
    for seed in range(9):
        mixed = disordered(lake, seed)
        assert len({one.key for one in mixed}) == 24, "one would take the other's place"
        assert counted(mixed).keys() == counted(lake).keys()


@pytest.mark.usefixtures("small_groups")
def test_what_stays_as_it_is_does_so_in_every_group():
    untouched = [replace(one, etag="0" * 32) for one in lake()[::2]]
    mixed = disordered([*lake()[1::2], *untouched], 1)
    assert len(mixed) == len(lake())
    assert all(one in mixed for one in untouched)


class Read(dict[str, LakeObject]):
    """Objects, and how many of them were read."""

    count = 0

    def __getitem__(self, key: str) -> LakeObject:
        self.count += 1
        return super().__getitem__(key)


@pytest.mark.usefixtures("small_groups")
def test_no_more_than_a_group_is_read_before_its_objects_are_used():
    read, given = Read((one.key, one) for one in lake()), 0
    for _ in disorder.disordered(read, 1):
        assert read.count - given <= 5, "else a large lake is held as a whole"
        given += 1
    assert (read.count, given) == (20, 20)


def test_objects_that_are_left_out_are_not_even_read():
    read, (one, *others) = Read((one.key, one) for one in lake()), lake()
    assert counted(list(disorder.disordered(read, 1, but={one.key}))).keys() == counted(others).keys()
    assert read.count == len(others)


def test_gzip_that_is_not_called_so_shows_no_line_however_it_is_packed():
    plain = [replace(one, key=one.key.removesuffix(".gz")) for one in lake()]
    mixed = disorder.disordered({one.key: one for one in plain}, 1, level=0)
    assert not any(b'{"t"' in one.body for one in mixed), "who reads it as text would find records"


def test_a_lake_of_one_object_has_its_copies_in_it():
    (one,) = disordered(lake()[:1], 1)
    assert sum(counted([one]).values()) > 50
