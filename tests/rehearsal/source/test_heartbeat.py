"""The heartbeat's SQL on a real server: it beats, its user may do nothing else, and what is wrong is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest

from documents import heartbeat, preflight
from model import PipelineError
from model.plan import Check
from rehearsal.source.checks.declared_checks import verify
from rehearsal.source.connection.queries import ask
from rehearsal.source.connection.server import Server
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user

PASSWORD = "tellNobody8"
CHECKS = [
    Check(name=it["name"], sql=it["sql"], expect=tuple(it["expect"]), remedy=it["remedy"])
    for it in preflight.checks(user="u", binlog_retention_hours=72, beats=True)[-3:]
]


def root(mariadb: MariaDB, statement: str) -> list[tuple[object, ...]]:
    with closing(mariadb.root.connect()) as connection:
        return ask(connection, statement)


@pytest.fixture
def heart(mariadb: MariaDB) -> Iterator[Server]:
    """The heartbeat's user, on a server where the declared SQL ran twice."""
    for _ in range(2):
        create_capture_user(mariadb.root, heartbeat.statements(), PASSWORD)
    yield mariadb.user(heartbeat.USER, PASSWORD)
    root(mariadb, f"DROP USER '{heartbeat.USER}'@'%'")
    root(mariadb, "DROP DATABASE cdc_lake")


def test_a_beat_changes_the_one_row(mariadb: MariaDB, heart: Server):
    before = root(mariadb, "SELECT id, beat_at FROM cdc_lake.heartbeat")
    with closing(heart.connect()) as connection:
        ask(connection, heartbeat.BEAT)
    ((number, beat_at),) = root(mariadb, "SELECT id, beat_at FROM cdc_lake.heartbeat")
    assert before[0][0] == number == 1
    assert str(before[0][1]) < str(beat_at)
    verify(mariadb.root, CHECKS)


@pytest.mark.parametrize(
    "statement",
    ["SELECT beat_at FROM cdc_lake.heartbeat", "UPDATE cdc_lake.heartbeat SET id = 2",
     "INSERT INTO cdc_lake.heartbeat VALUES (2, UTC_TIMESTAMP(6))", "DELETE FROM cdc_lake.heartbeat",
     "TRUNCATE cdc_lake.heartbeat", "CREATE TABLE cdc_lake.other (id INT)", "SELECT * FROM mysql.user"],
)  # fmt: skip
def test_its_user_may_do_nothing_else(heart: Server, statement: str):
    with closing(heart.connect()) as connection, pytest.raises(pymysql.MySQLError, match="denied"):
        ask(connection, statement)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (f"GRANT SELECT ON mysql.* TO '{heartbeat.USER}'@'%'", "SELECT,UPDATE beat_at"),
        (f"GRANT DELETE ON cdc_lake.heartbeat TO '{heartbeat.USER}'@'%'", "DELETE,UPDATE beat_at"),
        (f"GRANT PROCESS ON *.* TO '{heartbeat.USER}'@'%'", "PROCESS,UPDATE beat_at"),
        (f"GRANT SELECT (user) ON mysql.db TO '{heartbeat.USER}'@'%'", "SELECT mysql.db,UPDATE beat_at"),
        (f"REVOKE UPDATE (beat_at) ON cdc_lake.heartbeat FROM '{heartbeat.USER}'@'%'", "answers ''"),
        ("INSERT INTO cdc_lake.heartbeat VALUES (2, UTC_TIMESTAMP(6))", "answers '2', not 1"),
        ("ALTER TABLE cdc_lake.heartbeat ADD COLUMN of VARCHAR(9) NOT NULL", "beat_at datetime,of varchar"),
    ],
)
@pytest.mark.usefixtures("heart")
def test_more_rights_another_row_or_another_table_is_told(mariadb: MariaDB, statement: str, told: str):
    root(mariadb, statement)
    with pytest.raises(PipelineError) as refused:
        verify(mariadb.root, CHECKS)
    assert told in str(refused.value)


def test_a_table_of_somebody_elses_is_not_written_to(mariadb: MariaDB):
    root(mariadb, "CREATE DATABASE cdc_lake")
    root(mariadb, "CREATE TABLE cdc_lake.heartbeat (id INT PRIMARY KEY, patient VARCHAR(20))")
    try:
        with pytest.raises(PipelineError, match=r"GRANT UPDATE .*beat_at.*Unknown column 'beat_at'"):
            create_capture_user(mariadb.root, heartbeat.statements(), PASSWORD)
        assert root(mariadb, "SELECT * FROM cdc_lake.heartbeat") == []
    finally:
        root(mariadb, "DROP DATABASE cdc_lake")
        root(mariadb, f"DROP USER IF EXISTS '{heartbeat.USER}'@'%'")
