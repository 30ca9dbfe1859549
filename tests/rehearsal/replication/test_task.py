"""The whole task: a real MariaDB, a real stream over HTTP, and everything in between."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from model import PipelineError
from rehearsal.replication import Instruction, run
from rehearsal.replication.checkpoint import load
from rehearsal.runtime.worker import Worker
from rehearsal.source.mariadb.mariadb import MariaDB
from tests.rehearsal.replication.conftest import Parent, Source, play
from tests.waiting import follow

ORDERS = "CREATE TABLE orders (id BIGINT PRIMARY KEY, status VARCHAR(20), total DECIMAL(12,2))"
BEFORE_IMAGES = {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "was", "ColumnFilter": "all"}}


def current(records):
    """The rows that a consumer ends with: for each id the last record wins."""
    rows: dict[int, dict[str, Any]] = {}
    for record in records:
        moved = record.get("was", record["data"])["id"]
        rows.pop(moved, None)
        if record["metadata"]["operation"] != "delete":
            rows[record["data"]["id"]] = record["data"]
    return sorted(tuple(row.values()) for row in rows.values())


def as_written(rows):
    return [json.loads(f'[{id},"{status}",{total}]') for id, status, total in rows]


def equal(target, source):
    found = [list(row) for row in current(target.data("orders"))]
    return found == as_written(source.rows("SELECT id, status, total FROM orders ORDER BY id"))


def test_a_task_loads_the_rows_and_then_follows_the_changes(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',10.50),(2,'new',3)")

    def change():
        source.sql("INSERT INTO orders VALUES (3,'new',1)", "UPDATE orders SET status='paid' WHERE id=1")
        source.sql("DELETE FROM orders WHERE id=2")
        source.sql("INSERT INTO orders VALUES (9,'never',1)", commit=False)

    progress = play(source, target, tmp_path, source.plan(**BEFORE_IMAGES), changes=change)
    assert target.operations("orders") == ["load", "load", "insert", "update", "delete"], "in the order of the source"
    assert equal(target, source), "a consumer ends with the source's rows"
    name = f"{source.schema}.orders"
    assert progress.records == {name: {"load": 2, "insert": 1, "update": 1, "delete": 1}}, "and the counts say so"
    assert (progress.phase, progress.tables, progress.control) == ("finished", (name,), 2)


def test_changes_during_the_load_reach_the_stream_after_it(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',10.50)")
    happens = {
        "full_load": lambda: source.sql("UPDATE orders SET status='paid'", "INSERT INTO orders VALUES (2,'x',1)")
    }
    play(source, target, tmp_path, source.plan(**BEFORE_IMAGES), **happens)
    assert target.operations("orders") == ["load", "load", "update", "insert"], "loaded rows that already carry them"
    assert equal(target, source), "and the replayed changes do no harm"


def test_the_control_records_stand_before_the_rows(source, target, tmp_path):
    source.sql(ORDERS)
    prepare = {"FullLoadSettings": {"TargetTablePrepMode": "DROP_AND_CREATE"}}
    play(source, target, tmp_path, source.plan("full-load", **prepare))
    assert target.controls() == [
        ("create-table", "awsdms_apply_exceptions"),
        ("drop-table", "orders"),
        ("create-table", "orders"),
    ], "DROP_AND_CREATE drops each table before it creates it"


def test_a_full_load_task_ends_by_itself(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',1)")
    progress = play(source, target, tmp_path, source.plan("full-load"))
    assert progress.phase == "finished", "it waits for no position"
    assert target.operations("orders") == ["load"], "and has loaded"


def test_a_cdc_task_loads_nothing(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',1)")
    happens = {"changes": lambda: source.sql("INSERT INTO orders VALUES (2,'new',1)")}
    play(source, target, tmp_path, source.plan("cdc"), **happens)
    assert [record["data"]["id"] for record in target.data("orders")] == [2], "what was there before is not its matter"


def test_tables_that_the_mappings_leave_out_do_not_reach_the_stream(source, target, tmp_path):
    source.sql(ORDERS, "CREATE TABLE secrets (id INT PRIMARY KEY)", "INSERT INTO secrets VALUES (1)")
    happens = {"changes": lambda: source.sql("INSERT INTO secrets VALUES (2)", "INSERT INTO orders VALUES (1,'n',1)")}
    play(source, target, tmp_path, source.plan(table="orders"), **happens)
    assert not target.data("secrets"), "neither loaded nor changed rows"
    assert target.operations("orders") == ["insert"], "while the mapped table is captured"


def test_a_column_that_is_added_in_mid_stream_is_told_and_then_written(source, target, tmp_path):
    source.sql(ORDERS)

    def change():
        source.sql("ALTER TABLE orders ADD COLUMN extra INT", "INSERT INTO orders VALUES (1,'new',1,5)")
        source.sql("TRUNCATE orders")
        source.sql("CREATE TABLE carts (id INT PRIMARY KEY)", "INSERT INTO carts VALUES (1)", "DROP TABLE carts")

    progress = play(source, target, tmp_path, source.plan(), changes=change)
    assert target.data("orders")[0]["data"]["extra"] == 5, "the new column is in the next record"
    told = [("add-column", "orders"), ("truncate-table", "orders")]
    assert target.controls()[2:4] == told, "and the control records say what happened"
    assert progress.tables == (f"{source.schema}.orders",), "a table that came and went is not captured at the end"


def test_no_matching_table_fails_the_task_if_so_declared(source, target, tmp_path):
    plan = source.plan(table="Orders", ErrorBehavior={"FailOnNoTablesCaptured": True})
    with pytest.raises(PipelineError, match="No tables were found at task initialization"):
        play(source, target, tmp_path, plan)


def test_no_matching_table_is_a_warning_otherwise(source, target, tmp_path):
    progress = play(source, target, tmp_path, source.plan(table="Orders"))
    assert "captures nothing" in progress.warnings[0], "the silent hole is said aloud"
    assert target.controls() == [("create-table", "awsdms_apply_exceptions")], "the task runs nevertheless"


def test_an_unknown_migration_type_is_refused(source, target, tmp_path):
    with pytest.raises(PipelineError, match="migrationType is 'full'"):
        play(source, target, tmp_path, replace(source.plan(), migration_type="full"))


def test_a_finished_load_is_not_repeated_and_no_change_between_two_runs_is_lost(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',1)")
    happens = {"changes": lambda: source.sql("INSERT INTO orders VALUES (2,'new',1)")}
    play(source, target, tmp_path, source.plan(**BEFORE_IMAGES), **happens)
    source.sql("UPDATE orders SET status='paid'")
    play(source, target, tmp_path, source.plan(**BEFORE_IMAGES))
    assert target.operations("orders") == ["load", "insert", "update", "update"], "it went on at the checkpoint"
    assert equal(target, source), "and the lake follows the source"
    chain = [r["metadata"].get("prev-transaction-record-id") for r in target.data("orders")[1:]]
    assert chain == [None, 1, 1], "the chain of transactions goes on over the restart"


def test_an_interrupted_load_starts_over_and_says_so(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',1)")

    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        play(source, target, tmp_path, source.plan(), full_load=stop)
    source.sql("INSERT INTO orders VALUES (2,'new',1)")
    progress = play(source, target, tmp_path, source.plan())
    assert "starts over" in progress.warnings[0], "the run says what it does"
    assert target.operations("orders") == ["load", "load"], "every row is loaded, from the new start on"


def test_a_checkpoint_in_a_log_that_was_reset_is_refused(source, target, tmp_path, mariadbd):
    declared = {"binlog_format": "ROW"}
    filler = "INSERT INTO orders VALUES " + ",".join(f"({n},'x',1)" for n in range(10, 500))
    with MariaDB(tmp_path, declared, mariadbd) as server:
        own = Source(server.root, server.root)
        own.sql(ORDERS, "UPDATE mysql.rds_configuration SET value = 72")
        insert = {"changes": lambda: own.sql("INSERT INTO orders VALUES (1,'new',1)")}
        play(own, target, tmp_path / "state", own.plan(), **insert)
        own.sql("RESET MASTER")
        with pytest.raises(PipelineError, match="cannot go on from this position"):
            play(own, target, tmp_path / "state", own.plan())
        own.sql(filler)
        own.sql("INSERT INTO orders VALUES (2,'new',1)")
        with pytest.raises(PipelineError, match=r"cannot (resume|go on)"):
            play(own, target, tmp_path / "state", own.plan())
    assert not [r for r in target.data("orders") if r["data"]["id"] == 2], (
        "no row after the reset went out as if it fitted"
    )


def test_another_transaction_at_the_same_place_is_recognised(source, target, tmp_path):
    source.sql(ORDERS)
    happens = {"changes": lambda: source.sql("INSERT INTO orders VALUES (1,'new',1)")}
    play(source, target, tmp_path, source.plan(), **happens)
    path = tmp_path / "checkpoint.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["anchor"][2] -= 1
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(
        PipelineError, match=r"does not have at .* the transaction after which the checkpoint was written"
    ):
        play(source, target, tmp_path, source.plan())


def test_a_table_altered_while_the_task_is_down_does_not_hinder_it(source, target, tmp_path):
    source.sql(ORDERS)
    happens = {"changes": lambda: source.sql("INSERT INTO orders VALUES (1,'new',1)")}
    play(source, target, tmp_path, source.plan(), **happens)
    source.sql("ALTER TABLE orders ADD COLUMN extra INT", "INSERT INTO orders VALUES (2,'new',1,7)")
    play(source, target, tmp_path, source.plan())
    assert target.data("orders")[-1]["data"].get("extra") == 7, "the log is recognised without decoding the old rows"


def test_a_log_that_was_reset_right_after_the_load_is_recognised_by_the_time_of_its_file(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',1)")
    play(source, target, tmp_path, source.plan())
    path = tmp_path / "checkpoint.json"
    saved = json.loads(path.read_text(encoding="utf-8"))
    saved["anchor"] = None  # as it is until the first transaction after the load
    path.write_text(json.dumps(saved), encoding="utf-8")
    play(source, target, tmp_path, source.plan())
    saved["origin"][1] -= 60  # the file of that name was begun at another time
    path.write_text(json.dumps(saved), encoding="utf-8")
    with pytest.raises(PipelineError, match="cannot resume"):
        play(source, target, tmp_path, source.plan())


def test_a_cdc_task_begins_at_its_declared_position(source, target, tmp_path):
    source.sql(ORDERS)
    start = source.position
    source.sql("INSERT INTO orders VALUES (1,'before the task',1)")
    plan = replace(source.plan("cdc"), cdc_start_position=f"{start.file}:{start.offset}")
    play(source, target, tmp_path, plan)
    assert target.operations("orders") == ["insert"], "what was written behind that position before the task began"


@pytest.mark.parametrize(
    ("migration_type", "start"),
    [
        ("full-load-and-cdc", {"cdc_start_position": "mysql-bin-changelog.000001:4"}),
        ("cdc", {"cdc_start_position": "checkpoint:V1#27#mysql-bin-changelog.157832:1975:-1:2002:677883278264080"}),
        ("cdc", {"cdc_start_position": "mysql-bin-changelog.000001"}),
        ("cdc", {"cdc_start_time": "2026-01-01T00:00:00Z"}),
    ],
)
def test_a_start_that_is_not_played_is_refused(source, target, tmp_path, migration_type, start):
    source.sql(ORDERS)
    with pytest.raises(PipelineError, match="not played"):
        play(source, target, tmp_path, replace(source.plan(migration_type), **start))


def test_a_checkpoint_in_a_file_that_is_gone_is_refused(source, target, tmp_path):
    source.sql(ORDERS)
    play(source, target, tmp_path, source.plan())
    path = tmp_path / "checkpoint.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace("mysql-bin-changelog.0", "mysql-bin-changelog.9"), encoding="utf-8"
    )
    with pytest.raises(PipelineError, match="the file is purged"):
        play(source, target, tmp_path, source.plan())


def test_a_task_killed_again_and_again_loses_nothing(source, target, tmp_path):
    source.sql(ORDERS)
    values = ",".join(f"({n},'new',1)" for n in range(2000))
    source.sql(f"INSERT INTO orders VALUES {values}")
    plan = source.plan(**BEFORE_IMAGES)

    def start():
        return Worker("replication", run, plan, source.server, target.name, target.url, tmp_path)

    for round_number in range(2):
        worker = start()
        follow(worker, "tells anything", bool)
        for n in range(0, 2000, 40):
            source.sql(
                f"UPDATE orders SET total = total + 1 WHERE id BETWEEN {n} AND {n + 20}",
                f"UPDATE orders SET id = {10000 * (round_number + 1) + n} WHERE id = {n + 30}",
            )
        follow(worker, "updates", lambda progress: any("update" in counts for counts in progress.records.values()))
        worker.kill()
    worker = start()
    worker.instruct(source.position)
    follow(worker, "has come to the position")
    assert equal(target, source), "what a consumer ends with is the source"
    saved = load(tmp_path, "TASK")
    assert getattr(saved, "position", None) == worker.progress.position, "the checkpoint stands where the task ended"
    changes = [r["metadata"] for r in target.data("orders") if r["metadata"]["operation"] != "load"]
    there = {(m["transaction-id"], m["transaction-record-id"]) for m in changes}
    before = {
        (m["prev-transaction-id"], m["prev-transaction-record-id"]) for m in changes if "prev-transaction-id" in m
    }
    assert before <= there, "and no change on the way is missing from the chain"


def test_a_parent_hears_every_phase(source, target, tmp_path):
    source.sql(ORDERS)
    channel = Parent(source)
    run(channel, source.plan(), source.server, target.name, target.url, tmp_path)  # pyrefly: ignore[bad-argument-type]
    assert [p.phase for p in channel.reported][:3] == ["starting", "full load", "changes"], "each is told as it begins"


def test_a_task_that_holds_does_not_pass_the_position_that_follows(source, target, tmp_path):
    source.sql(ORDERS)

    class Holding(Parent):
        looks = 0

        def instruction(self) -> Any:
            self.looks += 1
            if self.looks == 2:
                assert self.reported[-1].phase == "held", "the parent reads the source only when it is told so"
                self._finish = source.position
                source.sql("INSERT INTO orders VALUES (1,'too late',1)")
            return self._finish if self.looks > 20 else Instruction.HOLD

    progress = run(Holding(source), source.plan(), source.server, target.name, target.url, tmp_path)  # pyrefly: ignore[bad-argument-type]
    assert target.operations("orders") == [], "what is committed after the position is not in the stream"
    assert progress.phase == "finished", "and the task ends when it has come to the position"


def test_a_table_whose_rows_the_log_has_and_the_user_may_not_see_is_told(source, target, tmp_path, mariadb: MariaDB):
    user = f"blind_in_{source.schema}"
    source.sql(ORDERS, "CREATE TABLE secret (id INT PRIMARY KEY)", "CREATE TABLE partly (id INT PRIMARY KEY, w INT)")
    source.sql(f"CREATE USER {user}@'%' IDENTIFIED BY 'readOnly7' REQUIRE SSL", f"GRANT SELECT ON orders TO {user}@'%'")
    source.sql(f"GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO {user}@'%'")
    source.sql(f"GRANT SELECT (id) ON partly TO {user}@'%'")
    source.server = mariadb.user(user, "readOnly7")
    written = (
        "INSERT INTO secret VALUES (1)",
        "INSERT INTO partly VALUES (1, 2)",
        "INSERT INTO orders VALUES (1,'n',1)",
    )
    progress = play(source, target, tmp_path, source.plan(), changes=lambda: source.sql(*written))
    assert progress.unseen == ((source.schema, "partly"), (source.schema, "secret")), "in whole or in part"
    assert target.operations("orders") == ["insert"], "and what it may see goes on"


def test_each_load_tells_its_place_in_the_log(source, target, tmp_path):
    source.sql(ORDERS, "INSERT INTO orders VALUES (1,'new',1)")
    during = {"full_load": lambda: source.sql("INSERT INTO orders VALUES (2,'during',1)")}
    during["changes"] = lambda: source.sql("INSERT INTO orders VALUES (3,'after',1)")
    progress = play(source, target, tmp_path, source.plan(), **during)
    numbers = {r["data"]["id"]: r["metadata"].get("transaction-id") for r in target.data("orders")}
    end = progress.load_ends[f"{source.schema}.orders"]
    assert numbers[2] < end <= numbers[3], "what may be in the load lies before it, and nothing else"


def test_a_transaction_of_another_time_is_told_with_its_place(source, target, tmp_path):
    source.sql(ORDERS)
    ahead = ("SET timestamp = UNIX_TIMESTAMP() + 7200", "INSERT INTO orders VALUES (1,'new',1)")
    progress = play(source, target, tmp_path, source.plan(), changes=lambda: source.sql(*ahead))
    (warning,) = progress.warnings
    assert re.fullmatch(r"binlog \S+: the source's clock is 7,\d{3} s ahead of this machine's: .*", warning)
