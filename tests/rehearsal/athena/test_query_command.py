"""The command: a kept folder is asked as Athena would be, and whatever is wrong is one line and exit code 2."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from documents.versions import Windows
from model import PipelineError
from model.plan import CatalogPlan, NamedQueryPlan
from rehearsal import cli
from rehearsal.athena.formats import FORMATS
from rehearsal.athena.kept_catalog import keep_catalog, open_catalog
from tests.rehearsal.athena.catalogs import FOLDER, NOW, catalog, declared, described, record, stored, view
from tests.waiting import LIMIT

WORDS = view(
    "words", "SELECT line AS word, length(line) AS letters FROM lines", ("word", "varchar"), ("letters", "bigint")
)
NAMED = NamedQueryPlan(name="of-length", sql="SELECT word FROM words WHERE letters = ?", description="Words so long")


def keep(folder: Path, plan: CatalogPlan, text: str) -> None:
    """A kept lake of one object."""
    keep_catalog(folder, plan, NOW)
    lake = stored(text)
    file = folder / "lake" / lake.key
    file.parent.mkdir(parents=True)
    file.write_bytes(lake.body)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A kept lake of three words."""
    plan = replace(catalog(replace(WORDS, description="Each word")), queries=(NAMED,))
    keep(tmp_path, plan, 'tree\n\nap"ple\n')
    return tmp_path


def ask(kept: Path, *options: str) -> int:
    return cli.main(["query", "--lake", str(kept), *options])


def test_csv_has_each_value_in_quotes_and_null_as_nothing(kept: Path, capsys: pytest.CaptureFixture[str]):
    assert (
        ask(kept, "SELECT word, letters, nullif(word, 'tree') AS n FROM words ORDER BY letters", "--format", "csv") == 0
    )
    said = capsys.readouterr()
    assert said.out == '"word","letters","n"\n"","0",""\n"tree","4",\n"ap""ple","6","ap""ple"\n'
    assert said.err == "3 rows\n", "the number is no part of the data"


def test_json_is_an_array_with_an_object_a_row(kept: Path, capsys: pytest.CaptureFixture[str]):
    sql = """SELECT letters, word, CAST('1.50' AS decimal(5,2)) AS d, CAST('7' AS decimal(20,0)) AS whole, 1.5e0 AS f,
        true AS t, from_hex('00ff') AS b, CAST('nan' AS double) IS NULL AS n, localtimestamp AS at, NULL AS nothing
        FROM words WHERE word = 'tree'""".replace("CAST('nan' AS double)", "TRY_CAST('nan' AS double)")
    assert ask(kept, sql, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out) == [
        {
            "letters": 4, "word": "tree", "d": "1.50", "whole": 7, "f": 1.5, "t": True, "b": "00 ff", "n": True,
            "at": "2026-11-23 04:00:00.000000", "nothing": None,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(("format", "empty"), [("json", "[]\n"), ("csv", '"word"\n')])
def test_an_empty_answer_is_well_formed(kept: Path, format: str, empty: str, capsys: pytest.CaptureFixture[str]):
    assert ask(kept, "SELECT word FROM words WHERE word = 'x'", "--format", format) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == (empty, "0 rows\n")


def test_a_table_for_people_shows_every_row(kept: Path, capsys: pytest.CaptureFixture[str]):
    assert ask(kept, "SELECT n, NULL AS nothing FROM UNNEST(sequence(1, 2500)) AS t (n)") == 0
    said = capsys.readouterr()
    shown = [line.split("│")[1].strip() for line in said.out.splitlines() if line.startswith("│")]
    assert shown == [str(number) for number in range(1, 2501)]
    assert "NULL" in said.out
    assert said.err == "2,500 rows\n"


def test_a_named_query_takes_its_parameters(kept: Path, capsys: pytest.CaptureFixture[str]):
    assert ask(kept, "--named", "of-length", "--parameter", "4", "--format", "csv") == 0
    assert capsys.readouterr().out == '"word"\n"tree"\n'


def test_without_sql_it_says_what_there_is(kept: Path, capsys: pytest.CaptureFixture[str]):
    assert ask(kept) == 0
    said = capsys.readouterr().out
    for word in (
        "cdc_lake",
        "lines",
        "line varchar",
        "words",
        "Each word",
        "letters bigint",
        "of-length",
        "Words so long",
    ):
        assert word in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("SELEC 1",), "this is no SQL of Athena"),
        (("SELECT * FROM nowhere",), "Table with name nowhere does not exist"),
        (("DROP TABLE lines",), "the kept lake cannot be written"),
        (("SHOW TABLES",), "without any SQL the tables, views and named queries are listed"),
        (("SELECT CAST(line AS integer) FROM lines",), "which Athena does not cast"),
        (("SELECT 1", "--named", "of-length"), "give one of them"),
        (("--named", "nothing"), "has no such named query"),
        (("--named", "of-length"), "1 places for a parameter"),
        (("--parameter", "4"), "give SQL or --named"),
        (("SELECT 1 AS a, 2 AS a", "--format", "json"), "name them with AS"),
    ],
)
def test_what_cannot_be_answered_is_exit_code_2(
    kept: Path, options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
):
    assert ask(kept, *options) == 2, "1 is the audit's"
    error = capsys.readouterr().err
    assert error.startswith("not answered: ")
    assert said in error
    assert len(error.splitlines()) == 1 or "SELEC" in error, "one line, and no trace"


def test_a_folder_without_a_catalog_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert ask(tmp_path, "SELECT 1") == 2
    assert "no kept catalog (catalog.json: " in (said := capsys.readouterr().err)
    assert "rehearse again" in said


def test_a_stack_without_a_database_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    keep_catalog(tmp_path, None, NOW)
    assert ask(tmp_path, "SELECT 1") == 2
    assert "declares no Glue database" in capsys.readouterr().err


MANY = "SELECT n FROM UNNEST(sequence(1, 100000)) AS t (n)"


EACH_IN_A_PROCESS = """
import os
from rehearsal.cli import main
for arguments in {}:
    if not (child := os.fork()):
        raise SystemExit(main(arguments))
    if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit(f"{{code}} for {{arguments}}")
"""


def test_a_reader_that_has_enough_is_no_error(kept: Path):
    asked = [(), *((MANY, "--format", format) for format in FORMATS)]
    commands = [["query", "--lake", str(kept), *one] for one in asked]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        command = [sys.executable, "-c", EACH_IN_A_PROCESS.format(commands)]
        ended = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False, timeout=LIMIT)
    assert (ended.returncode, ended.stderr) == (0, b""), "1 is the audit's"


def test_a_catalog_is_kept_as_it_was(tmp_path: Path):
    plan = replace(catalog(WORDS, replace(WORDS, table=("s", "t"), kind="current")), queries=(NAMED,))
    keep_catalog(tmp_path, plan, NOW)
    kept = open_catalog(tmp_path)
    assert (kept.catalog, kept.at) == (plan, NOW)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"at": "now", "catalog": null}', '{"at": "2026-11-23", "catalog": {}}']
)
def test_a_kept_catalog_of_another_shape_is_named(tmp_path: Path, text: str):
    (tmp_path / "catalog.json").write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match=r"has no kept catalog \(catalog\.json: "):
        open_catalog(tmp_path)


def test_the_folder_is_the_clock(kept: Path, capsys: pytest.CaptureFixture[str]):
    ask(kept, "SELECT date_format(localtimestamp, '%Y-%m-%d') AS day, count(*) AS n FROM lines", "--format", "csv")
    assert FOLDER.startswith("raw/dt=2026-11-23")
    assert capsys.readouterr().out == '"day","n"\n"2026-11-23","3"\n', "whatever day it is when it is asked"


def test_a_table_that_is_kept_is_merged_before_it_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    plan = declared(described("shop.orders", "id", id="int"), windows=Windows(again=3, latest=48))
    keep(tmp_path, plan, record("load", "shop.orders", "2026-11-23T03:00:00.000001Z", {"id": 7}))
    assert ask(tmp_path, "SELECT id FROM shop_orders WHERE NOT cdc_gone", "--format", "csv") == 0
    assert capsys.readouterr().out == '"id"\n"7"\n'
    assert open_catalog(tmp_path).catalog == plan
