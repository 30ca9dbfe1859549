"""A lake that is larger than the engine's memory: the rest goes to a folder, and every answer is the same."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from rehearsal.athena import Athena, athena
from rehearsal.athena.engines import DUCKDB, started
from tests.rehearsal.athena.catalogs import FOLDER, NOW, asked, catalog, stored

_LINES, _OBJECTS = 2000, 30
_SQL = "SELECT count(*), count(DISTINCT line), sum(length(line)) FROM lines"


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(athena, "MEMORY", "32MB")


def spilt(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@pytest.mark.usefixtures("little_memory")
def test_what_is_more_than_the_engine_s_memory_lies_in_the_folder(tmp_path: Path):
    dice = Random(1)
    objects = (
        stored("".join(f"{dice.randbytes(400).hex()}\n" for _ in range(_LINES)), f"{FOLDER}{number}")
        for number in range(_OBJECTS)
    )
    with Athena(catalog(), objects, now=NOW, spill=tmp_path / "spill", small=True) as larger:
        lines = _LINES * _OBJECTS
        assert asked(larger, _SQL) == [(lines, lines, lines * 800)]
        assert spilt(tmp_path) > 10_000_000, "48 MB, and 32 MB of memory: else nothing is shown"
    assert spilt(tmp_path) == 0, "what is closed leaves nothing"


def test_an_engine_that_is_started_has_such_a_folder_as_long_as_it_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with started(DUCKDB) as opened, opened(catalog(), [stored("a\n")], now=NOW) as of_lines:
        ((folder,),) = of_lines.run("SELECT value FROM duckdb_settings() WHERE name = 'temp_directory'").rows
        assert next(tmp_path.iterdir()) in Path(str(folder)).parents
    assert not list(tmp_path.iterdir())


def test_rows_for_which_a_small_engine_has_too_little_memory_are_no_error_of_the_query(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """An error of a query is a finding; here another engine must be asked."""
    monkeypatch.setattr(athena, "MEMORY", "1MB")
    much = [stored(f"{number:07}{'x' * 20_000}\n", f"{FOLDER}{number}") for number in range(100)]
    with (
        pytest.raises(MemoryError),
        Athena(catalog(), much, now=NOW, spill=tmp_path / "other", small=True) as small,
    ):
        asked(small, "SELECT array_agg(line ORDER BY line) FROM lines")
    with Athena(catalog(), much, now=NOW, spill=tmp_path / "other") as larger:
        assert len(asked(larger, "SELECT array_agg(line ORDER BY line) FROM lines")[0][0]) == 100
