"""Values that nobody means and some database has: as columns of a record, as lines, and as objects of lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from rehearsal.lake import LakeObject
from tests.rehearsal.athena.catalogs import declared, described, record, stored

NOW = datetime(2026, 1, 9, 4, tzinfo=UTC)
TYPES = {
    "i": "int", "b": "bigint unsigned", "d": "decimal(8,2)", "f": "double", "t": "datetime(6)", "y": "date",
    "v": "varchar(20)", "x": "varbinary(8)", "o": "bit(1)",
}  # fmt: skip
TABLE = described("shop.nasty", "id", id="int", **TYPES)
CATALOG = declared(TABLE, **{"projection.dt.range": "2026-01-01,NOW"})

NUMBERS = (
    *("7", "-7", "+7", "-0", "007", "7.0", "7.5", "7.50", "7.505", "7.995", "-7.505", "1e2", "1E2", "1.5e-1", "7e0"),
    *("-0.0", "0.1", "1e400", "-1e400", "5e-324", "1e-400", "1.7976931348623157e308", "123456789012345678901234567890"),
    *("2147483647", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551615"),
    *("18446744073709551616", "999999.99", "999999.994", "999999.995", "1000000", "NaN", "Infinity", "-Infinity"),
    *("1_0", "0x10", "1.5d", "1.5f", "7.", ".5", "1e", "١", "true", "false", "null", "{}", "[]", '{"a":1}', "[1]"),
    *("0.30000000000000004", "1.23456789012345678901234567890123456789e5", "0e0", "00", "1e+2", "1e-2"),
)
"""As they stand in JSON, where many are none, and in quotes."""
TEXTS = (
    *("", " ", " 7", "7 ", "\t7", "\u00a07", "\u20037", "T", "t", "TRUE", "True", "yes", "1", "0", "nan", "inf"),
    *("2026-01-05", "2026-1-5", "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "20260105", "2026/01/05"),
    *("2026-01-05 ", "2026-01-05T", "2026-01-05T10:00:00Z", "2026-01-05T10:00:00"),
    *("2026-01-05 10:00:00", "2026-01-05 10:00", "2026-01-05 10", "2026-01-05T24:00:00Z", "2026-01-05T10:00:60Z"),
    *("2026-01-05T10:00:00.1Z", "2026-01-05T10:00:00.123456Z", "2026-01-05T10:00:00.1234567Z"),
    *("2026-01-05T10:00:00.9999999Z", "2026-01-05T10:00:00+02:00", "2026-01-05T10:00:00+0000", "2026-01-05T10:00:00z"),
    *(
        "2026-01-05 10:00:00 Europe/Berlin",
        "0000-00-00T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
    ),
    *(
        "0x",
        "0x0",
        "0x0g",
        "0xff",
        "0XFF",
        "0xFF",
        "ff",
        "0x00",
        "0x1 ",
        "é",
        "😀",
        "\u2028",
        "\ufeff",
        "\x00",
        "a\x00b",
    ),
    *("\x01", "\x7f", "a\nb", "a\rb", "a\tb", "\\", '"', "\\N", "a" * 5_000, "💥" * 3, "e\u0301", "ß", "İ"),
)
WRITTEN = (
    *(r'"\u0000"', r'"a\u0000b"', r'"\ud800"', r'"\udc00"', r'"\ud83d\ude00"', r'"\ud83d\u0041"', r'"\ude00\ud83d"'),
    *(r'"\/"', r'"\b\f\n\r\t"', r'"\x41"', r'"\u00"', r'"\U00e9"', '"\t"', '"\x7f"', '"\x00"', r'"\\u0041"'),
    *(
        "'7'",
        '"7',
        "7,",
        "",
        "nul",
        "TRUE",
        "7 7",
        "[" * 50 + "]" * 50,
        '{"a":' * 50 + "1" + "}" * 50,
        "/**/7",
        "7 // x",
    ),
)
"""Of JSON itself, or nearly."""

VALUES = dict.fromkeys((*NUMBERS, *(json.dumps(text) for text in NUMBERS), *WRITTEN))
VALUES |= dict.fromkeys(json.dumps(text, ensure_ascii=ascii) for text in TEXTS for ascii in (True, False))

GOOD = record("insert", "shop.nasty", "2026-01-05T03:00:00.000001Z", {"id": 1, "v": "good"})
OTHER = record("insert", "shop.nasty", "2026-01-05T03:00:00.000002Z", {"id": 2, "v": "other"})


def nested(depth: int, opens: str = '{"a":', closes: str = "}") -> str:
    """A record with so many objects or arrays in each other."""
    return GOOD.replace('"good"', opens * depth + "1" + closes * depth)


LINES: dict[str, bytes] = {
    "blank": b" ",
    "tab": b"\t",
    "no-break space": "\u00a0".encode(),
    "line separator": "\u2028".encode(),
    "null of hive": rb"\N",
    "escaped null": rb"\\N",
    "empty object": b"{}",
    "array": b"[]",
    "number": b"7",
    "text": b'"x"',
    "null": b"null",
    "no json": b"abc",
    "half a record": GOOD[:-9].encode(),
    "half a key": GOOD[:40].encode(),
    "two records": (GOOD + OTHER).encode(),
    "two, a blank": f"{GOOD} {OTHER}".encode(),
    "record and junk": f"{GOOD}x".encode(),
    "record and brace": f"{GOOD}}}".encode(),
    "record, comma": f"{GOOD},".encode(),
    "junk before": f"x{GOOD}".encode(),
    "blanks around": f"  {GOOD}  ".encode(),
    "mark before": f"\ufeff{GOOD}".encode(),
    "comma at the end": GOOD.replace('"good"}', '"good",}').encode(),
    "single quotes": GOOD.replace('"', "'").encode(),
    "comment": GOOD.replace('"good"', '"good"/*x*/').encode(),
    "nul in a text": GOOD.replace("good", "go\0od").encode(),
    "nul behind": f"{GOOD}\0".encode(),
    "ctrl-a in a text": GOOD.replace("good", "go\x01od").encode(),
    "ctrl-a behind": f"{GOOD}\x01x".encode(),
    "tab in a text": GOOD.replace("good", "go\tod").encode(),
    "no utf-8": GOOD.replace("good", "go\udcffod").encode("utf-8", "surrogateescape"),
    "surrogate in utf-8": GOOD.replace("good", "go\ud800od").encode("utf-8", "surrogatepass"),
    "cut character": GOOD.replace("good", "é").encode()[: -len(GOOD.split("good")[1]) - 1],
    "key twice": GOOD.replace('"v": "good"', '"v": "first", "v": "good"').encode(),
    "metadata twice": GOOD.replace('"metadata"', '"metadata": {}, "metadata"').encode(),
    "key in capitals": GOOD.replace('"v"', '"V"').encode(),
    "key escaped": GOOD.replace('"v"', r'"\u0076"').encode(),
    "nested 20": nested(20).encode(),
    "nested 200": nested(200).encode(),
    "nested 900": nested(900).encode(),
    "arrays 900": nested(900, "[", "]").encode(),
    "long text": GOOD.replace("good", "x" * 1_500_000).encode(),
    "many keys": GOOD.replace('"good"', json.dumps({str(n): n for n in range(5000)})).encode(),
    "other operation": GOOD.replace("insert", "upsert").encode(),
    "no metadata": b'{"data": {"id": 1}}',
    "metadata is text": GOOD.replace('"metadata": {', '"metadata": "x", "other": {').encode(),
    "time with a zone": GOOD.replace("000001Z", "000001+02:00").encode(),
    "no time": GOOD.replace("timestamp", "at").encode(),
    "time is a number": GOOD.replace('"2026-01-05T03:00:00.000001Z"', "1767582000").encode(),
    "data is an array": GOOD.replace('{"id": 1, "v": "good"}', "[1]").encode(),
    "data is null": GOOD.replace('{"id": 1, "v": "good"}', "null").encode(),
    "key is null": GOOD.replace('"id": 1', '"id": null').encode(),
    "key is an object": GOOD.replace('"id": 1', '"id": {}').encode(),
    "good": GOOD.encode(),
}

LARGE = ("nested 20", "nested 200", "nested 900", "arrays 900", "long text", "many keys")
"""Of the lines, those that may be too much for an engine."""

OBJECTS: dict[str, bytes] = {
    "empty": b"",
    "one newline": b"\n",
    "newlines": b"\n\n\n",
    "no newline": b"a\nb",
    "newline": b"a\nb\n",
    "dos": b"a\r\nb\r\n",
    "mac": b"a\rb\r",
    "mixed": b"a\n\rb\r\r\nc",
    "cr at the end": b"a\r",
    "nul": b"a\0b\n\0\n",
    "ctrl-a": b"a\x01b\n\x01\n\x01x\n",
    "null": b"\\N\nx\\N\n\\N\x01x\n",
    "vertical": b"a\x0bb\x0cc\x85d\n",
    "separators": "a\u2028b\u2029c\n".encode(),
    "mark": b"\xef\xbb\xbfa\n",
    "blanks": b"  a  \n \n\t\n",
    "no utf-8": b"\xff\xfe\n\xc3\n\xed\xa0\x80\n",
    "long": b"x" * 300_000 + b"\ny\n",
    "quotes": b'"a\nb"\n',
    "escape": b"a\\\nb\\n\n",
}


def of_value(place: int, column: str, value: str) -> str:
    """A record with ``value``, as it is written in JSON, in ``column``."""
    time = f"2026-01-05T03:{place // 60 % 60:02}:{place % 60:02}.000000Z"
    return record("insert", "shop.nasty", time, {"id": place, column: "HERE"}).replace('"HERE"', value)


def put(place: int, body: bytes, suffix: str = ".gz") -> LakeObject:
    """An object in the hour that ``hour`` names."""
    day, hour = hour_of(place)
    return stored(body, f"raw/dt={day}/hr={hour}/a{suffix}")


def hour_of(place: int) -> tuple[str, str]:
    """Day and hour of the partition with this number, by which what is read from it is known again."""
    return f"2026-01-{1 + place // 24:02}", f"{place % 24:02}"
