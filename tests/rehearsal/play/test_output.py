"""The output folder: only what a rehearsal wrote is ever deleted, and only one rehearsal writes there at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from model import PipelineError
from rehearsal.play.output import Output


def earlier(folder: Path) -> Output:
    """The output of a rehearsal that has ended."""
    output = Output(folder)
    with output.claimed():
        output.clear()
        output.lake.mkdir()
        (output.lake / "object").write_text("delivered", encoding="utf-8")
        output.keep_report("{}")
    return output


def test_what_an_earlier_rehearsal_wrote_is_cleared(tmp_path: Path):
    output = earlier(tmp_path / "kept")
    with output.claimed():
        output.clear()
        assert not output.lake.exists(), "an object of an earlier lake would be audited as one of this lake"
        assert not (output.folder / "report.json").exists()


def test_a_folder_with_a_report_that_somebody_put_there_is_not_ours(tmp_path: Path):
    (tmp_path / "report.json").write_text('{"equal": true}', encoding="utf-8")
    (tmp_path / "thesis.tex").write_text("ten years of work", encoding="utf-8")
    with pytest.raises(PipelineError, match="name another with --keep"), Output(tmp_path).claimed():
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "thesis.tex"}, "--json writes it anywhere"


def test_a_file_that_no_rehearsal_wrote_is_named_and_nothing_is_deleted(tmp_path: Path):
    output = earlier(tmp_path / "kept")
    (output.folder / "thesis.tex").write_text("ten years of work", encoding="utf-8")
    with pytest.raises(PipelineError, match=r"thesis\.tex"), output.claimed():
        pass
    assert (output.lake / "object").exists(), "refused as a whole"


def test_clearing_a_folder_that_is_not_ours_is_refused_too(tmp_path: Path):
    (tmp_path / "lake").mkdir()
    with pytest.raises(PipelineError, match="name another with --keep"):
        Output(tmp_path).clear()
    assert (tmp_path / "lake").exists(), "somebody's photographs, for all we know"


def test_a_second_rehearsal_in_the_same_folder_is_refused(tmp_path: Path):
    first, second = Output(tmp_path / "kept"), Output(tmp_path / "kept")
    with first.claimed():
        with pytest.raises(PipelineError, match="another rehearsal"), second.claimed():
            pass
        first.clear()
        with pytest.raises(PipelineError, match="another rehearsal"), second.claimed():
            pass
    with second.claimed():
        second.clear()


@pytest.mark.parametrize("text", ["[1]", '{"raw/a": 1}', "7"])
def test_a_kept_list_of_objects_of_another_shape_is_named(tmp_path: Path, text: str):
    (tmp_path / "lake.json").write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match=r"has no kept lake \(lake\.json: not an object of ETags"):
        Output(tmp_path)._objects()
