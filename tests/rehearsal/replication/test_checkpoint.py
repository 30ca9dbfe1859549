"""The checkpoint: kept whole, refused when it is damaged or another task's."""

import pytest

from model import PipelineError, Position
from rehearsal.replication.checkpoint import Anchor, Checkpoint, Origin, load, save

HERE = Position("mysql-bin-changelog.000003", 4711)
THERE = Position("mysql-bin-changelog.000003", 4800)
FULL = Checkpoint(
    task_id="t", position=THERE, anchor=Anchor(begin=HERE, end=THERE, committed_at=1790000000), previous=(5, 2)
)


LOADED = Checkpoint(
    task_id="t", position=HERE, prepared=("X'61',X'',1",), origin=Origin(file=HERE.file, created_at=1790000000)
)


@pytest.mark.parametrize("checkpoint", [Checkpoint(task_id="t"), Checkpoint(task_id="t", position=HERE), LOADED, FULL])
def test_a_checkpoint_is_read_as_it_was_saved(tmp_path, checkpoint):
    save(tmp_path / "state", checkpoint)
    assert load(tmp_path / "state", "t") == checkpoint


def test_a_task_that_never_ran_has_no_checkpoint(tmp_path):
    assert load(tmp_path, "t") is None


def test_a_crash_while_saving_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    save(tmp_path, FULL)

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", crash)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path, Checkpoint(task_id="t"))
    assert load(tmp_path, "t") == FULL, "the new one is written beside it and takes its name at the very end"


def test_another_tasks_checkpoint_is_refused(tmp_path):
    save(tmp_path, FULL)
    with pytest.raises(PipelineError, match="belongs to task 't', not 'other'"):
        load(tmp_path, "other")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"task_id": "t"}', '{"task_id": "t", "position": [1]}'])
def test_a_damaged_checkpoint_is_refused(tmp_path, text):
    (tmp_path / "checkpoint.json").write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError, match="cannot be read"):
        load(tmp_path, "t")
