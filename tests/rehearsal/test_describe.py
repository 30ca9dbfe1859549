"""describe: schemas/ has what the source says of the captured tables, and --check says which of it is no longer so."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from database.queries import ask, quoted
from database.server import Server
from database.url import PASSWORD_VARIABLE
from declaration import Declaration
from model import Column, PipelineError, Table
from model.plan import Plan
from rehearsal import cli
from rehearsal.describe import FOLDER, Description, Descriptions, describe, document, file_name
from rehearsal.plan.pipeline import read_plan
from rehearsal.source import log_end, sample
from rehearsal.source.mariadb.mariadb import MariaDB
from rehearsal.source.own_source import OwnSource
from sample import SCHEMA
from tests.mappings.mapping_rules import document as mappings
from tests.mappings.mapping_rules import include
from tests.rehearsal.conftest import CAPTURE_PASSWORD

_numbers = itertools.count(1)


class Shop:
    """A schema of its own on the shared server, described as the capture user sees it."""

    def __init__(self, plan: Plan, administrator: Server, capture: Server, folder: Path) -> None:
        self.schema = f"described{next(_numbers)}"
        self.source = OwnSource(capture, 1.0)
        self.administrator, self.folder, self._plan = administrator, folder, plan
        with closing(administrator.connect()) as connection:
            ask(connection, f"CREATE DATABASE {self.schema}")

    def sql(self, *statements: str) -> None:
        with closing(self.administrator.connect(database=self.schema)) as connection:
            for statement in statements:
                ask(connection, statement)

    def describe(self, *rules: dict[str, Any]) -> Descriptions:
        declared = mappings(*(rules or (include(1, self.schema, "%"),)))
        plan = replace(self._plan, replication=replace(self._plan.replication, table_mappings=declared))
        return describe(plan, self.source, self.folder)

    def file(self, table: str) -> Path:
        return self.folder / file_name(self.schema, table)

    def written(self, table: str) -> dict[str, Any]:
        """The description of one table, once it is written."""
        self.describe().write()
        return json.loads(self.file(table).read_text(encoding="utf-8"))


@pytest.fixture
def shop(dev: Declaration, mariadb: MariaDB, capture: Server, tmp_path: Path) -> Shop:
    return Shop(read_plan(dev), mariadb.root, capture, tmp_path / "schemas")


@pytest.fixture(scope="module")
def sample_server(mariadb: MariaDB) -> Iterator[Server]:
    """The shared server with the sample's tables, without rows: a description does not depend on them."""
    sample.create(mariadb.root)
    yield mariadb.root
    with closing(mariadb.root.connect()) as root:
        ask(root, f"DROP DATABASE {SCHEMA}")


@pytest.fixture
def check(sample_server: Server, capture: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """``describe --check`` on the sample's tables; its exit code."""
    monkeypatch.setenv(PASSWORD_VARIABLE, CAPTURE_PASSWORD)
    url = f"mysql://{capture.user}@127.0.0.1:{capture.port}?ca={capture.ca_file}"
    return lambda: cli.main(["describe", "--check", "--source", url])


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the checked-in files, in the place of the originals."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    for file in FOLDER.glob(f"{SCHEMA}.*.json"):
        (folder / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(cli, "FOLDER", folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_checked_in_files_are_what_the_sample_has(
    check: Callable[[], int], sample_server: Server, capsys: pytest.CaptureFixture[str]
):
    with closing(sample_server.connect()) as connection:
        before = log_end.position(connection)
        assert check() == 0, f"run `python -m rehearsal describe` and check in what it writes: {capsys.readouterr()}"
        assert log_end.position(connection) == before, "nothing is written to a server of the user's"


def test_without_a_source_the_samples_files_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "FOLDER", tmp_path / "schemas")
    assert cli.main(["describe"]) == 0
    checked_in = {name: text for name, text in contents(FOLDER).items() if name.startswith(f"{SCHEMA}.")}
    assert contents(tmp_path / "schemas") == checked_in, "byte for byte, or every run would be a change"


def test_a_changed_column_makes_the_check_fail_and_is_named_with_its_file(
    check: Callable[[], int], copied: Path, capsys: pytest.CaptureFixture[str]
):
    file = copied / "dms_sample.ticket.json"
    file.write_text(file.read_text(encoding="utf-8").replace("decimal(10,2)", "decimal(9,2)"), encoding="utf-8")
    before = contents(copied)
    assert check() == 1, "CI must see it"
    told = capsys.readouterr().out
    assert "changed  schemas/dms_sample.ticket.json" in told
    assert "column price: decimal(9,2) in the file, decimal(10,2) in the source" in told
    assert contents(copied) == before, "--check writes nothing"


def test_a_missing_file_makes_the_check_fail_and_is_not_written(
    check: Callable[[], int], copied: Path, capsys: pytest.CaptureFixture[str]
):
    (copied / "dms_sample.venue.json").unlink()
    assert check() == 1
    assert "new      schemas/dms_sample.venue.json" in capsys.readouterr().out
    assert not (copied / "dms_sample.venue.json").exists(), "--check writes nothing"


def test_a_table_that_is_gone_makes_the_check_fail_and_its_file_stays(
    check: Callable[[], int], copied: Path, capsys: pytest.CaptureFixture[str]
):
    file = copied / "dms_sample.dropped.json"
    file.write_text("{}", encoding="utf-8")
    assert check() == 1, "its views would stay declared"
    told = capsys.readouterr().out
    assert "gone     schemas/dms_sample.dropped.json" in told
    assert told.endswith("NOT AS THE SOURCE IS: delete the files of tables that are gone\n"), "describing does not help"
    assert file.exists(), "--check writes nothing"


def test_a_description_is_written_exactly_so():
    table = Table(
        schema="dms_sample",
        name="café",
        primary_key=("b", "a"),
        columns=tuple(Column(name=name, data_type="int", column_type="int(10) unsigned") for name in ("a", "b")),
    )
    assert document(table) == (
        "{\n"
        '  "schema": "dms_sample",\n'
        '  "table": "café",\n'
        '  "primaryKey": ["b", "a"],\n'
        '  "columns": [\n'
        '    {"name": "a", "type": "int unsigned"},\n'
        '    {"name": "b", "type": "int unsigned"}\n'
        "  ]\n"
        "}\n"
    ), "the components read this form, and people read its diffs"


TYPES = {
    "TINYINT(1)": "tinyint",
    "SMALLINT": "smallint",
    "MEDIUMINT UNSIGNED": "mediumint unsigned",
    "INT(5) UNSIGNED ZEROFILL": "int unsigned zerofill",
    "BIGINT UNSIGNED": "bigint unsigned",
    "YEAR": "year",
    "JSON": "json",
    "LONGTEXT": "longtext",
    "DECIMAL(10,2)": "decimal(10,2)",
    "DOUBLE(20,3)": "double(20,3)",
    "BIT(9)": "bit(9)",
    "VARCHAR(20)": "varchar(20)",
    "BINARY(16)": "binary(16)",
    "DATETIME(6)": "datetime(6)",
    "ENUM('A', 'it''s', 'int(3)')": "enum('A','it''s','int(3)')",
    "SET('x', 'y')": "set('x','y')",
}


def test_a_type_is_told_as_information_schema_has_it_but_for_json_and_display_widths(shop: Shop):
    columns = ", ".join(f"c{number} {declared}" for number, declared in enumerate(TYPES))
    shop.sql(f"CREATE TABLE t ({columns})")
    types = [column["type"] for column in shop.written("t")["columns"]]
    assert dict(zip(TYPES, types, strict=True)) == TYPES


@pytest.mark.parametrize(
    ("data_type", "mariadb", "mysql"),
    [("bigint", "bigint(20) unsigned", "bigint unsigned"), ("year", "year(4)", "year"), ("json", "longtext", "json")],
)
def test_mysql_and_mariadb_describe_a_table_alike(data_type: str, mariadb: str, mysql: str):
    columns = [Column(name="c", data_type=data_type, column_type=told) for told in (mariadb, mysql)]
    assert len({document(Table(schema="s", name="t", columns=(column,))) for column in columns}) == 1


def test_a_table_without_a_primary_key_has_an_empty_one(shop: Shop):
    shop.sql("CREATE TABLE visits (at DATETIME NOT NULL UNIQUE, page TEXT)")
    assert shop.written("visits")["primaryKey"] == []


def test_a_key_is_in_its_own_order_and_the_columns_in_the_tables(shop: Shop):
    shop.sql("CREATE TABLE t (c INT, b INT, a INT, PRIMARY KEY (a, c))")
    told = shop.written("t")
    assert (told["primaryKey"], [column["name"] for column in told["columns"]]) == (["a", "c"], ["c", "b", "a"])


def test_columns_that_never_reach_the_lake_are_not_described(shop: Shop):
    shop.sql("CREATE TABLE t (id INT PRIMARY KEY, double_id INT AS (id * 2), secret INT INVISIBLE)")
    assert [column["name"] for column in shop.written("t")["columns"]] == ["id"]


@pytest.mark.parametrize(
    ("schema", "table", "name"),
    [
        ("dms_sample", "price_band", "dms_sample.price_band.json"),
        ("a.b", "c", "a%2Eb.c.json"),
        ("a", "b.c", "a.b%2Ec.json"),
        ("a", "../b", "a.%2E%2E%2Fb.json"),
        ("a", "b~$ %", "a.b%7E%24%20%25.json"),
        ("café", "Log-1", "caf%C3%A9.Log-1.json"),
    ],
)
def test_a_file_is_named_so_that_its_name_is_no_other_tables(schema: str, table: str, name: str):
    assert file_name(schema, table) == name


def test_long_names_make_names_of_files_that_are_short_enough_and_differ():
    names = [file_name("店" * 64, "売" * 63 + last) for last in "売上"]
    assert len(set(names)) == 2
    assert max(len(name) for name in (*names, file_name("a" * 64, "b" * 64))) <= 255


@pytest.mark.parametrize("name", ["../escaped", "a.b", "100 %", "café", "売上" * 20])
def test_a_table_of_any_name_is_described_within_the_folder(shop: Shop, name: str):
    shop.sql(f"CREATE TABLE {quoted(name)} (id INT)")
    assert shop.written(name)["table"] == name
    assert [file.name for file in shop.folder.iterdir()] == [file_name(shop.schema, name)]
    assert shop.describe().differing == ()


def test_only_what_the_mappings_capture_is_described(shop: Shop):
    shop.sql("CREATE TABLE kept (id INT)", "CREATE TABLE left_out (id INT)")
    rules = include(1, shop.schema, "%"), include(2, shop.schema, "left%", action="exclude")
    assert [one.file for one in shop.describe(*rules).tables] == [shop.file("kept")]


def test_the_file_of_a_dropped_table_is_told_and_stays(shop: Shop):
    long = "売" * 40
    shop.sql("CREATE TABLE stays (id INT)", f"CREATE TABLE {long} (id INT)")
    shop.sql("CREATE TABLE `goes.away` (id INT)")
    shop.describe().write()
    shop.sql("DROP TABLE `goes.away`", f"DROP TABLE {long}")
    found = shop.describe()
    found.write()
    assert set(found.gone) == {shop.file("goes.away"), shop.file(long)}
    assert shop.file("goes.away").exists(), "the lake's history of it may still be queried"
    assert any(line.startswith("gone ") and "no such table any more" in line for line in found.lines())
    assert found.differing == (), "there is nothing to write"


def test_files_of_other_schemas_and_of_tables_that_are_there_are_not_told_as_gone(shop: Shop):
    shop.sql("CREATE TABLE kept (id INT)", "CREATE TABLE left_out (id INT)")
    shop.describe().write()
    for name in (file_name("elsewhere", "t"), f"{shop.schema}.a.b.json", "notes.json"):
        (shop.folder / name).write_text("{}", encoding="utf-8")
    rules = include(1, shop.schema, "%"), include(2, shop.schema, "left%", action="exclude")
    assert shop.describe(*rules).gone == (), "another stack may capture the other schema, and left_out is there"


BEFORE = {"schema": "s", "table": "t", "primaryKey": ["a"], "columns": [{"name": n, "type": "int"} for n in "ab"]}
DIFFERENCES: dict[str, dict[str, Any]] = {
    "column b: int in the file, none in the source": {"columns": BEFORE["columns"][:1]},
    "column c: none in the file, text in the source": {"columns": [*BEFORE["columns"], {"name": "c", "type": "text"}]},
    "column a: int in the file, text in the source": {"columns": [{"name": "a", "type": "text"}, BEFORE["columns"][1]]},
    "primary key: a in the file, none in the source": {"primaryKey": []},
    "order of columns: a, b in the file, b, a in the source": {"columns": BEFORE["columns"][::-1]},
    "the same columns and key, written in another form": {},
}


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_changed_file_tells_what_changes(difference: str):
    after = json.dumps({**BEFORE, **DIFFERENCES[difference]}, indent=1)
    told = Description(file=FOLDER / "s.t.json", before=json.dumps(BEFORE), after=after).lines()
    assert [line.strip() for line in told] == ["changed  schemas/s.t.json", difference]


@pytest.mark.parametrize("text", [b"", b"<<<<<<< HEAD", b"[1]", b'{"columns": [1]}', b"\xff\xfe"])
def test_a_file_that_is_no_description_is_told_and_written_anew(shop: Shop, text: bytes):
    shop.sql("CREATE TABLE t (id INT)")
    shop.describe().write()
    good = shop.file("t").read_bytes()
    shop.file("t").write_bytes(text)
    found = shop.describe()
    assert any("the file is no description of a table" in line for line in found.lines())
    found.write()
    assert shop.file("t").read_bytes() == good


def test_a_captured_table_that_the_capture_user_may_not_read_is_an_error(shop: Shop, mariadb: MariaDB):
    shop.sql(
        "CREATE TABLE shown (id INT)", "CREATE TABLE hidden (id INT)",
        f"CREATE USER u_{shop.schema}@'%' IDENTIFIED BY 'halfASecret'",
        f"GRANT SELECT ON {shop.schema}.shown TO u_{shop.schema}@'%'",
    )  # fmt: skip
    shop.source.server = mariadb.user(f"u_{shop.schema}", "halfASecret")
    shop.source.administrator = mariadb.root
    with pytest.raises(PipelineError, match=rf"may not read all of {shop.schema}\.hidden: GRANT SELECT"):
        shop.describe()


def test_a_rule_that_selects_no_table_is_told(shop: Shop):
    shop.sql("CREATE TABLE t (id INT)")
    found = shop.describe(include(1, shop.schema, "t"), include(2, shop.schema, "misspelt"))
    assert any(line.startswith("warning: ") and "misspelt" in line for line in found.lines())


def test_a_source_without_a_captured_table_is_an_error_and_not_the_end_of_every_file(shop: Shop):
    with pytest.raises(PipelineError, match=r"nothing to describe: check the names.*SELECT privilege"):
        shop.describe()


def test_what_cannot_be_described_is_exit_code_2_in_words_of_its_own(capsys: pytest.CaptureFixture[str]):
    assert cli.main(["describe", "--source", "postgres://me@host"]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("not described: --source: must have the form")


@pytest.mark.parametrize("arguments", [["--stack", "prod", "describe"], ["describe", "--stack", "prod"]])
def test_the_stack_may_be_named_on_either_side_of_the_command(arguments: list[str]):
    assert cli.parser().parse_args(arguments).stack == "prod", "a default behind the command must not win"
