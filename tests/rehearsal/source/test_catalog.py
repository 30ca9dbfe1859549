"""What the source says of itself, and what DMS requires of it."""

from __future__ import annotations

from contextlib import closing, nullcontext
from typing import Any

import pymysql
import pytest

from database import catalog
from database.floats import shortest_float32
from database.queries import ask
from database.server import Server
from model import Column, PipelineError
from rehearsal.source.binlog.charsets import DECODERS
from rehearsal.source.checks.preflight import preflight
from rehearsal.source.mariadb.mariadb import MariaDB

from .conftest import Shop


def test_base_tables_outside_the_system_schemas_are_listed_and_nothing_else(shop: Shop) -> None:
    shop.create("id INT PRIMARY KEY", name="b")
    shop.create("id INT PRIMARY KEY", name="a")
    shop.sql("CREATE VIEW v AS SELECT * FROM a")
    with closing(shop.capture.connect()) as connection:
        listed = catalog.tables(connection)

    assert [table.name for table in listed if table.schema == shop.schema] == ["a", "b"]
    assert not {table.schema for table in listed} & {"mysql", "sys", "information_schema", "performance_schema"}


def test_names_that_differ_in_case_or_accents_alone_are_names_of_their_own(shop: Shop) -> None:
    for name, key in {"Orders": "id", "ORDERS": "no", "cafe": "id, no", "café": "no, id"}.items():
        shop.create("id INT", "no INT UNSIGNED", f"`{name}` INT", f"PRIMARY KEY ({key})", name=name)
    shop.sql("CREATE VIEW orders AS SELECT id, no * 2 AS twice FROM Orders")
    with closing(shop.capture.connect()) as connection:
        listed = [table for table in catalog.tables(connection) if table.schema == shop.schema]

    assert [(table.name, table.primary_key, [column.name for column in table.columns]) for table in listed] == [
        ("ORDERS", ("no",), ["id", "no", "ORDERS"]),
        ("Orders", ("id",), ["id", "no", "Orders"]),
        ("cafe", ("id", "no"), ["id", "no", "cafe"]),
        ("café", ("no", "id"), ["id", "no", "café"]),
    ]
    assert [shop.table(table.name) for table in listed] == listed
    assert catalog.table(shop.connection, shop.schema, "orders") is None, "a view"


def test_a_user_of_one_table_alone_sees_its_json_as_its_owner_does(shop: Shop, mariadb: MariaDB) -> None:
    table = shop.create("id INT PRIMARY KEY", "j JSON", "plain LONGTEXT", "`o``dd` JSON")
    user = f"reader_of_{shop.schema}"
    shop.sql(f"CREATE USER {user}@'%' IDENTIFIED BY 'readOnly7' REQUIRE SSL", f"GRANT SELECT ON t TO {user}@'%'")
    with closing(mariadb.user(user, "readOnly7").connect()) as connection:
        assert catalog.tables(connection) == (table,), "a table that tables names in full is granted alone"
    assert [column.data_type for column in table.columns] == ["int", "json", "longtext", "json"]


def test_columns_are_told_with_all_that_their_values_depend_on(shop: Shop) -> None:
    table = shop.create(
        "k2 BIGINT UNSIGNED NOT NULL", "k1 CHAR(3) CHARACTER SET latin1 NOT NULL", "d DECIMAL(12,4)", "b BIT(9)",
        "at DATETIME(3)", r"e ENUM('a', 'it''s', 'c\\d')", "j JSON", "x VARBINARY(40)", "n INT", "PRIMARY KEY (k1, k2)",
    )  # fmt: skip

    assert table.primary_key == ("k1", "k2"), "in the key's order"
    assert table.columns == (
        Column(name="k2", data_type="bigint", column_type="bigint(20) unsigned", nullable=False),
        Column(name="k1", data_type="char", column_type="char(3)", nullable=False, charset="latin1", length=3),
        Column(name="d", data_type="decimal", column_type="decimal(12,4)", precision=12, scale=4),
        Column(name="b", data_type="bit", column_type="bit(9)", precision=9),
        Column(name="at", data_type="datetime", column_type="datetime(3)", precision=3),
        Column(
            name="e", data_type="enum", column_type=r"enum('a','it''s','c\\d')", charset="utf8mb4", length=4,
            labels=("a", "it's", "c\\d"),
        ),
        Column(name="j", data_type="json", column_type="longtext", charset="utf8mb4", length=2**32 - 1),
        Column(name="x", data_type="varbinary", column_type="varbinary(40)", length=40),
        Column(name="n", data_type="int", column_type="int(11)"),
    )  # fmt: skip


def test_read_chooses_columns_and_rows_and_takes_any_name(shop: Shop) -> None:
    table = shop.create("`a``b` INT PRIMARY KEY", "`order` FLOAT", name="se lect")
    shop.sql("INSERT INTO `se lect` VALUES (1, 1.1), (2, 2.2)")

    assert list(catalog.read(shop.connection, table, ["order", "a`b"], "`order` > 2")) == [(2.2, 2)]


@pytest.mark.parametrize("charset", sorted(set(DECODERS) - {"ascii", "utf8", "utf8mb3", "utf8mb4"} - {"ucs2"}))
def test_every_byte_of_a_character_set_decodes_as_the_server_converts_it(mariadb: MariaDB, charset: str) -> None:
    with closing(mariadb.root.connect()) as connection:
        widths = {"utf16": 2, "utf16le": 2, "utf32": 4}
        texts = [bytes([byte]) for byte in range(256)]
        if charset in widths:
            ((converted,),) = ask(connection, f"SELECT HEX(CONVERT('é日🎟' USING {charset}))")
            assert DECODERS[charset](bytes.fromhex(converted)) == "é日🎟"
            return
        for text in texts:
            ((converted,),) = ask(connection, f"SELECT CONVERT(_{charset} x'{text.hex()}' USING utf8mb4)")
            assert DECODERS[charset](text) == converted, f"byte {text.hex()} of {charset}"


def test_a_float_is_the_shortest_decimal_of_its_32_bits() -> None:
    assert [shortest_float32(number) for number in (1.100000023841858, 16777216.0, 3.4028234663852886e38, -0.0)] == [
        1.1,
        16777216.0,
        3.4028235e38,
        0.0,
    ]


def test_the_capture_user_passes_the_preflight(capture: Server) -> None:
    with closing(capture.connect()) as connection:
        preflight(connection)


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("binlog_format", "MIXED", "binlog_format is MIXED.*mysql-check-binlog-format"),
        ("binlog_row_image", "MINIMAL", "binlog_row_image is MINIMAL.*mysql-check-binlog-image"),
        ("log_bin_compress", "ON", "log_bin_compress is ON.*mysql-check-binlog-compression"),
    ],
)
def test_a_setting_that_dms_cannot_capture_with_fails_the_preflight(
    mariadb: MariaDB, capture: Server, variable: str, value: str, why: str
) -> None:
    with closing(mariadb.root.connect()) as root, closing(capture.connect()) as connection:
        ((before,),) = ask(root, f"SELECT @@global.{variable}")
        ask(root, f"SET GLOBAL {variable} = {value}")
        try:
            with pytest.raises(PipelineError, match=why):
                preflight(connection)
        finally:
            ask(root, f"SET GLOBAL {variable} = {before}")


@pytest.mark.parametrize(("granted", "lacks"), [("SLAVE", "CLIENT"), ("CLIENT", "SLAVE")])
def test_a_missing_replication_privilege_fails_the_preflight(mariadb: MariaDB, granted: str, lacks: str) -> None:
    user = f"only_{granted.lower()}"
    with closing(mariadb.root.connect()) as root:
        ask(root, f"CREATE USER {user}@'%' IDENTIFIED BY 'halfASecret'")
        ask(root, f"GRANT REPLICATION {granted} ON *.* TO {user}@'%'")
    with (
        closing(mariadb.user(user, "halfASecret").connect()) as connection,
        pytest.raises(PipelineError, match=f"lacks REPLICATION {lacks}"),
    ):
        preflight(connection)


@pytest.mark.parametrize("missing", [False, True])
def test_a_server_that_knows_no_roles_is_asked_for_privileges_alone(
    mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    def without_roles(connection: Any, statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
        if "CURRENT_ROLE" in statement:
            raise pymysql.err.OperationalError(1305, "FUNCTION CURRENT_ROLE does not exist")  # as MySQL 5.7 says
        if missing and "user_privileges" in statement:
            return [("SELECT",)]
        return ask(connection, statement, *arguments)

    monkeypatch.setattr("rehearsal.source.checks.preflight.ask", without_roles)
    with (
        closing(mariadb.root.connect()) as connection,
        pytest.raises(PipelineError, match="lacks REPLICATION CLIENT") if missing else nullcontext(),
    ):
        preflight(connection)


@pytest.mark.parametrize(("hours", "enough"), [("NULL", False), ("23", False), ("24", False), ("25", True)])
def test_a_short_retention_fails_the_preflight_where_it_can_be_read(mariadb: MariaDB, hours: str, enough: bool) -> None:
    says = rf"retention hours is {hours}.*mysql-check-binlog-retention-time"
    with closing(mariadb.root.connect()) as root:
        ask(root, f"CALL mysql.rds_set_configuration('binlog retention hours', {hours})")
        try:
            with nullcontext() if enough else pytest.raises(PipelineError, match=says):
                preflight(root)
        finally:
            ask(root, "CALL mysql.rds_set_configuration('binlog retention hours', 72)")
