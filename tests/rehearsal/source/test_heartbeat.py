"""The heartbeat's SQL on a real server: it beats, its user may do nothing else, and what is wrong is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pymysql
import pytest

from database.queries import ask
from database.server import Server
from documents import heartbeat, preflight
from model import PipelineError
from model.plan import Check
from rehearsal.source.checks.declared_checks import verify
from rehearsal.source.mariadb.mariadb import MariaDB, create_capture_user

PASSWORD = "tellNobody8"
CHECKS = [
    Check(name=it["name"], sql=it["sql"], expect=tuple(it["expect"]), remedy=it["remedy"])
    for it in preflight.checks(user="u", binlog_retention_hours=72, beats=True)[-3:]
]


def root(mariadb: MariaDB, statement: str) -> list[tuple[object, ...]]:
    with closing(mariadb.root.connect()) as connection:
        return ask(connection, statement)


@pytest.fixture(scope="module")
def heart(mariadb: MariaDB) -> Iterator[Server]:
    """The heartbeat's user, on a server where the declared SQL ran twice."""
    for _ in range(2):
        create_capture_user(mariadb.root, heartbeat.statements(), PASSWORD)
    yield mariadb.user(heartbeat.USER, PASSWORD)
    _forget(mariadb)


def _forget(mariadb: MariaDB) -> None:
    root(mariadb, f"DROP USER IF EXISTS '{heartbeat.USER}'@'%'")
    root(mariadb, "DROP DATABASE IF EXISTS cdc_lake")


def test_a_beat_changes_the_one_row(mariadb: MariaDB, heart: Server):
    before = root(mariadb, "SELECT id, beat_at FROM cdc_lake.heartbeat")
    with closing(heart.connect()) as connection:
        ask(connection, heartbeat.BEAT)
    ((number, beat_at),) = root(mariadb, "SELECT id, beat_at FROM cdc_lake.heartbeat")
    assert before[0][0] == number == 1
    assert str(before[0][1]) < str(beat_at)
    verify(mariadb.root, CHECKS)


def test_its_user_may_do_nothing_else(heart: Server):
    others = (
        "SELECT beat_at FROM cdc_lake.heartbeat",
        "UPDATE cdc_lake.heartbeat SET id = 2",
        "INSERT INTO cdc_lake.heartbeat VALUES (2, UTC_TIMESTAMP(6))",
        "DELETE FROM cdc_lake.heartbeat",
        "TRUNCATE cdc_lake.heartbeat",
        "CREATE TABLE cdc_lake.other (id INT)",
        "SELECT * FROM mysql.user",
    )
    with closing(heart.connect()) as connection:
        for statement in others:
            with pytest.raises(pymysql.MySQLError, match="denied"):
                ask(connection, statement)


USER = f"'{heartbeat.USER}'@'%'"


@pytest.mark.parametrize(
    ("statement", "back", "told"),
    [
        (f"GRANT SELECT ON mysql.* TO {USER}", f"REVOKE SELECT ON mysql.* FROM {USER}", "SELECT,UPDATE beat_at"),
        (f"GRANT DELETE ON cdc_lake.heartbeat TO {USER}", f"REVOKE DELETE ON cdc_lake.heartbeat FROM {USER}",
         "DELETE,UPDATE beat_at"),
        (f"GRANT PROCESS ON *.* TO {USER}", f"REVOKE PROCESS ON *.* FROM {USER}", "PROCESS,UPDATE beat_at"),
        (f"GRANT SELECT (user) ON mysql.db TO {USER}", f"REVOKE SELECT (user) ON mysql.db FROM {USER}",
         "SELECT mysql.db,UPDATE beat_at"),
        (f"REVOKE UPDATE (beat_at) ON cdc_lake.heartbeat FROM {USER}",
         f"GRANT UPDATE (beat_at) ON cdc_lake.heartbeat TO {USER}", "answers ''"),
        ("INSERT INTO cdc_lake.heartbeat VALUES (2, UTC_TIMESTAMP(6))", "DELETE FROM cdc_lake.heartbeat WHERE id = 2",
         "answers '2', not 1"),
        ("ALTER TABLE cdc_lake.heartbeat ADD COLUMN of VARCHAR(9) NOT NULL",
         "ALTER TABLE cdc_lake.heartbeat DROP COLUMN of", "beat_at datetime,of varchar"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("heart")
def test_more_rights_another_row_or_another_table_is_told(mariadb: MariaDB, statement: str, back: str, told: str):
    root(mariadb, statement)
    with pytest.raises(PipelineError) as refused:
        verify(mariadb.root, CHECKS)
    root(mariadb, back)
    assert told in str(refused.value)
    verify(mariadb.root, CHECKS)


def test_a_table_of_somebody_elses_is_not_written_to(mariadb: MariaDB):
    _forget(mariadb)
    root(mariadb, "CREATE DATABASE cdc_lake")
    root(mariadb, "CREATE TABLE cdc_lake.heartbeat (id INT PRIMARY KEY, patient VARCHAR(20))")
    with pytest.raises(PipelineError, match=r"GRANT UPDATE .*beat_at.*Unknown column 'beat_at'"):
        create_capture_user(mariadb.root, heartbeat.statements(), PASSWORD)
    assert root(mariadb, "SELECT * FROM cdc_lake.heartbeat") == []
    _forget(mariadb)
