"""What a raw table reads in objects: lines, and never one less than there are."""

from __future__ import annotations

import pytest

from model import PipelineError
from rehearsal.athena import Athena
from tests.rehearsal.athena.catalogs import FOLDER, NOW, catalog, lines, raw_table, stored


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\n", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\rc\r\n", ["a", "b", "c"]),
        ("\na\n\n", ["", "a", ""]),
        ("\n", [""]),
        ("", []),
        ("a\x01b\nc\n", ["a", "c"]),
        ("a\x01b\r\nc", ["a", "c"]),
        ("\\N\nx\\N\n", [None, "x\\N"]),
        ("a\x00b\n", ["a\x00b"]),
        ("\u2028\x85\x0b\x0c\n", ["\u2028\x85\x0b\x0c"]),
    ],
)
def test_a_line_ends_where_hadoop_ends_it(text: str, expected: list[str | None]):
    assert lines(stored(text)) == expected


def test_a_line_of_several_megabytes_is_one_line():
    large = '{"data": "' + "x" * 8_000_000 + '"}'
    assert lines(stored(f"{large}\nsmall\n")) == [large, "small"]


def test_many_lines_of_many_objects_are_all_there():
    objects = [
        stored("".join(f"{number}-{line}\n" for line in range(3000)), f"{FOLDER}{number}.gz") for number in range(5)
    ]
    assert len(set(lines(*objects))) == 15_000


def test_two_gzip_members_are_one_text():
    first, second = stored("a\n"), stored("b\n")
    both = stored(b"", FOLDER + "plain")
    joined = type(both)(key=FOLDER + "x.gz", body=first.body + second.body, etag="", last_modified=NOW)
    assert lines(joined) == ["a", "b"]


def test_only_the_name_makes_an_object_gzip():
    plain = stored("a\n", FOLDER + "a.json")
    assert lines(plain) == ["a"]
    misnamed = type(plain)(key=FOLDER + "b.json", body=stored("a\n").body, etag="", last_modified=NOW)
    assert lines(misnamed) != ["a"], "Athena shows the compressed bytes as lines"


@pytest.mark.parametrize("body", [b"no gzip", stored("a\n").body[:-9], stored("a\n").body + b"trailing"])
def test_an_object_that_is_no_gzip_is_named(body: bytes):
    broken = type(stored(""))(key=FOLDER + "b.gz", body=body, etag="", last_modified=NOW)
    with pytest.raises(PipelineError, match=r"object raw/dt=2026-11-23/hr=03/b\.gz .* is no gzip file"):
        lines(broken)


def test_bytes_that_are_no_utf8_do_not_lose_the_line():
    assert lines(stored(b"a\xffb\nc\n")) == ["a\ufffdb", "c"]


@pytest.mark.parametrize(
    "more", [{"serde": "org.openx.data.jsonserde.JsonSerDe"}, {"input_format": ""}, {"columns": ("a", "b")}]
)
def test_a_table_in_another_format_is_refused(more: dict[str, object]):
    with pytest.raises(PipelineError, match=r"table lines: .* are not played: one column and"):
        Athena(catalog(table=raw_table(**more)), (), now=NOW)
