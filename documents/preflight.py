"""What must hold in the source database before DMS reads it: queries, and their right answers. No pulumi here.

They run on MySQL 8.0, on Aurora and on MariaDB, where a variable that does not exist gives no row, hence no answer.
Sources: DMS user guide, "Using a MySQL-compatible database as a source" (binlog, image, compression, enhanced binlog,
retention) and its pre-migration checks of the same names.
"""

from __future__ import annotations

from typing import TypedDict

from documents import heartbeat

_REBOOT = "let the cluster parameter group say so and reboot the writer: it reads binlog parameters only when it starts"
_STATEMENTS = "run the statements of the stack output captureUserStatements as an administrator"


class Check(TypedDict):
    """One query and what to do when it answers something else."""

    name: str
    """What must hold, in words."""
    sql: str
    """A query; its answer is the last column of the first row, as text, and '' where there is none."""
    expect: list[str]
    """Every answer that is right."""
    remedy: str
    """What to do otherwise."""


def checks(*, user: str, binlog_retention_hours: int, beats: bool = False) -> list[Check]:
    """The checks, in the order in which their remedies are to be applied; with ``beats`` those of the heartbeat."""
    # fmt: off
    return [
        # MariaDB says BINLOG MONITOR for REPLICATION CLIENT. No query asks both servers whether a user must use TLS;
        # the statements see to that.
        Check(name="the binlog is written", sql="SELECT @@log_bin", expect=["1"],
              remedy=f"binlog_format = ROW turns it on: {_REBOOT}"),
        Check(name="the binlog holds rows", sql="SELECT @@binlog_format", expect=["ROW"],
              remedy=f"binlog_format = ROW: {_REBOOT}"),
        Check(name="the binlog holds whole rows", sql="SELECT @@binlog_row_image", expect=["FULL"],
              remedy=f"binlog_row_image = FULL, which is the default: {_REBOOT}"),
        Check(name="JSON is logged whole", sql=_variable("binlog_row_value_options"), expect=[""],
              remedy=f"binlog_row_value_options without PARTIAL_JSON, which DMS cannot read: {_REBOOT}"),
        Check(name="transactions are not compressed", sql=_variable("binlog_transaction_compression"),
              expect=["OFF", "0", ""], remedy=f"binlog_transaction_compression = OFF, DMS cannot read it: {_REBOOT}"),
        Check(name="the binlog is not Aurora's enhanced one", sql=_variable("aurora_enhanced_binlog"),
              expect=["OFF", "0", ""], remedy=f"aurora_enhanced_binlog = 0, DMS cannot read it: {_REBOOT}"),
        Check(name=f"the binlog is kept for {binlog_retention_hours} hours",
              sql="SELECT COUNT(*) FROM mysql.rds_configuration "
                  f"WHERE name = 'binlog retention hours' AND value >= {binlog_retention_hours}",
              expect=["1"], remedy=_STATEMENTS),
        Check(name="the capture user may replicate",
              sql=f"SELECT COUNT(*) FROM information_schema.user_privileges WHERE grantee = '''{user}''@''%''' "
                  "AND privilege_type IN ('REPLICATION SLAVE', 'REPLICATION CLIENT', 'BINLOG MONITOR')",
              expect=["2"], remedy=_STATEMENTS),
        *(_of_the_heartbeat() if beats else ()),
    ]
    # fmt: on


def _of_the_heartbeat() -> list[Check]:
    """Its table is the program's, and its user may change nothing else."""
    table = heartbeat.TABLE
    here = f"table_schema = '{table.schema}' AND table_name = '{table.table}'"
    kinds = {name: kind.split()[0].split("(")[0] for name, kind in heartbeat.COLUMNS.items()}
    return [
        Check(
            name=f"{table} is the heartbeat's table",
            sql="SELECT GROUP_CONCAT(column_name, ' ', data_type ORDER BY ordinal_position) "
            f"FROM information_schema.columns WHERE {here}",
            expect=[",".join(f"{name} {kind}" for name, kind in kinds.items())],
            remedy=f"another table is called {table}: rename it, or set heartbeatMinutes to 0",
        ),
        Check(
            name=f"{table} has its one row",
            sql=f"SELECT COUNT(*) FROM {table}",
            expect=["1"],
            remedy="delete what is not of the id 1",
        ),
        Check(
            name="the heartbeat's user may beat, and do nothing else",
            sql=f"SELECT GROUP_CONCAT(has ORDER BY has) FROM ({_rights(heartbeat.USER, here)}) AS rights",
            expect=["UPDATE beat_at"],
            remedy=f"revoke what else {heartbeat.USER} may: its secret is read on a schedule",
        ),
    ]


def _rights(user: str, here: str) -> str:
    """A query for all rights of ``user``, one a row; of columns of the table ``here`` with the column's name."""
    of_user = f"grantee = '''{user}''@''%'''"
    where = f"IF({here}, column_name, CONCAT(table_schema, '.', table_name))"
    of_columns = f"SELECT CONCAT(privilege_type, ' ', {where}) AS has FROM information_schema.column_privileges"
    wider = [f"SELECT privilege_type FROM information_schema.{of}_privileges" for of in ("table", "schema", "user")]
    return " UNION ALL ".join(f"{it} WHERE {of_user} AND privilege_type <> 'USAGE'" for it in (of_columns, *wider))


def _variable(name: str) -> str:
    """A query for a variable that not every server knows; SELECT @@name would fail there."""
    return f"SHOW GLOBAL VARIABLES WHERE variable_name = '{name}'"
