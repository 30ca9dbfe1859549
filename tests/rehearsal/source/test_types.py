"""Every column type, through a real server: what the binlog decodes to is what SELECT gives, and what was put in."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal

import pytest

from database import catalog
from model import PipelineError, Row, Table, Value

from .conftest import Shop

TYPES: dict[str, dict[str, Value]] = {
    "TINYINT": {"-128": -128, "127": 127, "0": 0},
    "TINYINT UNSIGNED": {"255": 255},
    "SMALLINT": {"-32768": -32768, "32767": 32767},
    "SMALLINT UNSIGNED": {"65535": 65535},
    "MEDIUMINT": {"-8388608": -8388608, "8388607": 8388607},
    "MEDIUMINT UNSIGNED": {"16777215": 16777215},
    "INT": {"-2147483648": -(2**31), "2147483647": 2**31 - 1},
    "INT UNSIGNED ZEROFILL": {"4294967295": 2**32 - 1, "7": 7},
    "BIGINT": {"-9223372036854775808": -(2**63), "9223372036854775807": 2**63 - 1},
    "BIGINT UNSIGNED": {"18446744073709551615": 2**64 - 1},
    "DECIMAL(65,30)": {
        "-99999999999999999999999999999999999.999999999999999999999999999999": Decimal("-" + "9" * 35 + "." + "9" * 30),
        "0.000000000000000000000000000001": Decimal("1e-30"),
        "-0.5": Decimal("-0.5"),
    },
    "DECIMAL(10,0)": {"-9999999999": Decimal(-9999999999), "12": Decimal(12)},
    "DECIMAL(4,4)": {"-0.9999": Decimal("-0.9999"), "0.0001": Decimal("0.0001")},
    "DECIMAL(18,9) UNSIGNED": {"123456789.987654321": Decimal("123456789.987654321"), "0": Decimal(0)},
    "FLOAT": {"1.1": 1.1, "16777217": 16777216.0, "-3.4028234e38": -3.4028235e38, "1.17549435e-38": 1.1754944e-38},
    "FLOAT(7,2)": {"12345.67": 12345.67},
    "DOUBLE": {"0.1": 0.1, "-1.7976931348623157e308": -1.7976931348623157e308, "5e-324": 5e-324, "1e0/3": 1 / 3},
    "DOUBLE(20,3)": {"12345678901234.567": 12345678901234.567},
    "BIT(1)": {"b'1'": 1, "b'0'": 0},
    "BIT(9)": {"b'100000001'": 257},
    "BIT(64)": {f"b'{'1' * 64}'": 2**64 - 1},
    "YEAR": {"'0'": 2000, "'0000'": 0, "1901": 1901, "2155": 2155},
    "DATE": {"'0000-00-00'": "0000-00-00", "'2024-02-29'": "2024-02-29", "'9999-12-31'": "9999-12-31"},
    "DATETIME": {"'0000-00-00'": "0000-00-00 00:00:00", "'1000-01-01 00:00:01'": "1000-01-01 00:00:01"},
    "DATETIME(1)": {"'2026-01-02 03:04:05.9'": "2026-01-02 03:04:05.9"},
    "DATETIME(2)": {
        "'2026-01-02 03:04:05.09'": "2026-01-02 03:04:05.09",
        "'0000-00-00 01:02:03'": "0000-00-00 01:02:03.00",
    },
    "DATETIME(3)": {"'2026-01-02 03:04:05.009'": "2026-01-02 03:04:05.009"},
    "DATETIME(4)": {"'2026-01-02 03:04:05.0009'": "2026-01-02 03:04:05.0009"},
    "DATETIME(5)": {"'2026-01-02 03:04:05.00009'": "2026-01-02 03:04:05.00009"},
    "DATETIME(6)": {"'9999-12-31 23:59:59.999999'": "9999-12-31 23:59:59.999999"},
    "TIMESTAMP NULL": {"'0000-00-00'": "0000-00-00 00:00:00", "'2038-01-19 03:14:07'": "2038-01-19 03:14:07"},
    "TIMESTAMP(1) NULL": {"'2026-01-02 03:04:05.9'": "2026-01-02 03:04:05.9"},
    "TIMESTAMP(3) NULL": {"'1970-01-01 00:00:01.001'": "1970-01-01 00:00:01.001"},
    "TIMESTAMP(6) NULL": {"'2024-02-29 23:59:59.000001'": "2024-02-29 23:59:59.000001"},
    "TIME": {"'-838:59:59'": "-838:59:59", "'838:59:59'": "838:59:59", "'00:00:00'": "00:00:00"},
    "TIME(1)": {"'-00:00:00.1'": "-00:00:00.1", "'-01:00:00'": "-01:00:00.0"},
    "TIME(2)": {"'-00:00:01.99'": "-00:00:01.99"},
    "TIME(3)": {"'-12:34:56.789'": "-12:34:56.789"},
    "TIME(4)": {"'12:34:56.0001'": "12:34:56.0001"},
    "TIME(5)": {"'-00:00:00.00001'": "-00:00:00.00001"},
    "TIME(6)": {"'-838:59:58.999999'": "-838:59:58.999999", "'00:00:00.000001'": "00:00:00.000001"},
    "CHAR(5)": {"'ab'": "ab", "''": "", "'🎟é'": "🎟é"},
    "CHAR(255)": {"REPEAT('🎟', 255)": "🎟" * 255},
    "CHAR(3) CHARACTER SET ucs2": {"'日é'": "日é"},
    "VARCHAR(10)": {"'a b '": "a b ", "'🎟️'": "🎟️"},
    "VARCHAR(300)": {"REPEAT('é', 300)": "é" * 300},
    "VARCHAR(20) CHARACTER SET latin1": {"'é€ÿ'": "é€ÿ"},
    "VARCHAR(20) CHARACTER SET ucs2": {"'日本'": "日本"},
    "VARCHAR(20) CHARACTER SET utf16le": {"'🎟'": "🎟"},
    "VARCHAR(20) CHARACTER SET utf32": {"'🎟'": "🎟"},
    "TINYTEXT": {"'é'": "é"},
    "TEXT CHARACTER SET latin1": {"'straße'": "straße"},
    "MEDIUMTEXT": {"REPEAT('x', 70000)": "x" * 70000},
    "LONGTEXT": {"''": ""},
    "BINARY(4)": {"x'01000000'": b"\1\0\0\0", "x'00000000'": b"\0\0\0\0", "'a '": b"a \0\0"},
    "VARBINARY(8)": {"x'0100'": b"\1\0", "''": b"", "x'ff2027'": b"\xff '"},
    "VARBINARY(300)": {"REPEAT(x'00', 300)": b"\0" * 300},
    "TINYBLOB": {"x'00ff'": b"\0\xff"},
    "BLOB": {"REPEAT(x'80', 256)": b"\x80" * 256},
    "MEDIUMBLOB": {"x'01'": b"\1"},
    "LONGBLOB": {"''": b""},
    r"ENUM('a', 'it''s', 'c\\d', 'é,x')": {"1": "a", "2": "it's", "3": "c\\d", "4": "é,x"},
    "ENUM(" + ",".join(f"'l{n}'" for n in range(300)) + ")": {"'l0'": "l0", "'l299'": "l299"},
    "SET('x', 'y y', 'z')": {"'z,x'": "x,z", "''": "", "7": "x,y y,z"},
    "SET(" + ",".join(f"'m{n}'" for n in range(64)) + ")": {"'m63,m0'": "m0,m63"},
    "SET(" + ",".join(f"'m{n}'" for n in range(20)) + ")": {"'m19'": "m19"},
    "JSON": {'\'{"a": [1, null, "é"]}\'': '{"a": [1, null, "é"]}'},
    "UUID": {"'00112233-4455-6677-8899-aabbccddee00'": "00112233-4455-6677-8899-aabbccddee00"},
    "INET6": {"'::ffff:1.2.3.4'": "::ffff:1.2.3.4", "'2001:db8::'": "2001:db8::", "'::'": "::"},
    "INET4": {"'10.0.0.0'": "10.0.0.0"},
    "POINT": {"POINT(1, 2)": bytes(4) + b"\1\1\0\0\0" + b"\0\0\0\0\0\0\xf0\x3f" + b"\0\0\0\0\0\0\0\x40"},
}


def test_insert_update_and_delete_of_every_type_decode_to_what_select_gives(shop: Shop) -> None:
    """The central test: one table with all types, one row for each value, and NULLs."""
    columns = {f"c{number}": type_ for number, type_ in enumerate(TYPES)}
    shop.sql("SET sql_mode = ''", "SET time_zone = '+00:00'")
    table = shop.create("id INT PRIMARY KEY", *(f"{name} {type_}" for name, type_ in columns.items()))
    deepest = max(len(values) for values in TYPES.values())
    expected: dict[Value, tuple[Value, ...]] = {}
    for number in range(deepest):
        picked = [list(TYPES[type_].items())[number % len(TYPES[type_])] for type_ in columns.values()]
        shop.sql(f"INSERT INTO t VALUES ({number}, {', '.join(expression for expression, _ in picked)})")
        expected[number] = (number, *(value for _, value in picked))
    shop.sql(f"INSERT INTO t (id) VALUES ({deepest})")
    expected[deepest] = (deepest, *[None] * len(TYPES))
    selected = {row[0]: row for row in shop.rows()}
    shop.sql("UPDATE t SET id = id + 100", "DELETE FROM t")

    changes = shop.changes(table)

    for key, row in expected.items():
        _assert_same(table, "SELECT", selected[key], row)
    for operation, side in (("insert", "after"), ("update", "before"), ("update", "after"), ("delete", "before")):
        images = [getattr(change, side) for change in changes if change.operation == operation]
        assert len(images) == len(expected), f"every row has its {operation}"
        for image in images:
            key = image[0] % 100
            _assert_same(table, f"{operation} {side}", (key, *image[1:]), expected[key])


def _assert_same(table: Table, where: str, found: Row, wanted: Row) -> None:
    for column, value, expected in zip(table.columns, found, wanted, strict=True):
        assert (value, type(value)) == (expected, type(expected)), (
            f"{where}: {column.column_type[:60]} gives {value!r}, not {expected!r}"
        )


def test_timestamps_are_utc_whatever_the_session_that_wrote_them(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "at TIMESTAMP NULL", "local DATETIME")
    shop.sql("SET time_zone = '+05:30'", "INSERT INTO t VALUES (1, '2026-01-01 05:30:00', '2026-01-01 05:30:00')")

    (change,) = shop.changes(table)

    expected = (1, "2026-01-01 00:00:00", "2026-01-01 05:30:00")
    assert change.after == expected, "TIMESTAMP is normalised to UTC, DATETIME is not"
    with closing(shop.capture.connect()) as connection:
        assert list(catalog.read(connection, table)) == [expected], "SELECT in a session of ours agrees"


@pytest.mark.parametrize("width", [7, 8, 9, 255, 256, 257, 300])
def test_null_bitmaps_are_right_at_their_edges(shop: Shop, width: int) -> None:
    table = shop.create("id INT PRIMARY KEY", *(f"c{n} TINYINT" for n in range(1, width)))
    alternating = [1, *(None if n % 2 else n % 100 for n in range(1, width))]
    only_last = [2, *[None] * (width - 2), 42]
    for row in (alternating, only_last):
        shop.sql(f"INSERT INTO t VALUES ({', '.join(['%s'] * width)})", arguments=row)

    assert [list(change.after or ()) for change in shop.changes(table)] == [alternating, only_last]


def test_a_row_of_20_mb_comes_in_several_packets_and_whole(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "body LONGBLOB", "tail INT")
    shop.sql("SET GLOBAL max_allowed_packet = 67108864")
    try:
        with shop.admin.connect(database=shop.schema) as connection, connection.cursor() as cursor:
            cursor.execute("INSERT INTO t VALUES (1, REPEAT(x'00FF10AB', 5 * 1024 * 1024), 7)")
        (change,) = shop.changes(table)
    finally:
        shop.sql("SET GLOBAL max_allowed_packet = DEFAULT")

    assert change.after == (1, bytes.fromhex("00ff10ab") * 5 * 1024 * 1024, 7)


def test_generated_and_invisible_columns_are_left_out_wherever_they_stand(shop: Shop) -> None:
    table = shop.create(
        "v INT AS (id + 1) VIRTUAL", "id INT PRIMARY KEY", "s INT AS (id * 2) STORED", "a VARCHAR(9)",
        "h INT INVISIBLE DEFAULT 7", "b INT",
    )  # fmt: skip
    shop.sql("INSERT INTO t (id, a, b) VALUES (5, 'x', 6)", "UPDATE t SET b = NULL", "DELETE FROM t")

    changes = shop.changes(table)

    assert [column.name for column in table.columns] == ["id", "a", "b"], "what DMS replicates"
    assert [place for place, _ in table.left_out] == [0, 2, 4], "the decoder must know where the others stand"
    assert [(change.before, change.after) for change in changes] == [
        (None, (5, "x", 6)),
        ((5, "x", 6), (5, "x", None)),
        ((5, "x", None), None),
    ]


def test_a_compressed_column_is_refused_by_name(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "body TEXT COMPRESSED")
    shop.sql("INSERT INTO t VALUES (1, REPEAT('x', 1000))")

    with pytest.raises(PipelineError, match=r"shop\d+\.t.*column body.*COMPRESSED"):
        shop.changes(table)


def test_a_character_set_that_cannot_be_decoded_is_refused_by_name(shop: Shop) -> None:
    table = shop.create("id INT PRIMARY KEY", "name VARCHAR(9) CHARACTER SET big5")
    shop.sql("INSERT INTO t VALUES (1, 'x')")

    with pytest.raises(PipelineError, match="column name has character set big5"):
        shop.changes(table)


def test_temporal_columns_in_the_old_form_are_refused(shop: Shop) -> None:
    shop.sql("SET GLOBAL mysql56_temporal_format = OFF")
    try:
        table = shop.create("id INT PRIMARY KEY", "at DATETIME")
    finally:
        shop.sql("SET GLOBAL mysql56_temporal_format = ON")
    shop.sql("INSERT INTO t VALUES (1, '2026-01-01')")

    with pytest.raises(PipelineError, match=r"column at.*before 5.6"):
        shop.changes(table)
