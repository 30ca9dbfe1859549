"""The declared checks, asked of a real server."""

import pytest

from model import PipelineError
from model.plan import Check
from rehearsal.source.checks.declared_checks import verify
from rehearsal.source.mariadb.mariadb import MariaDB


def check(sql: str, *expect: str) -> Check:
    return Check(name="rows are logged", sql=sql, expect=expect, remedy="reboot the writer")


@pytest.mark.parametrize(
    ("sql", "expect"),
    [
        ("SELECT @@binlog_format", "ROW"),
        ("SHOW GLOBAL VARIABLES WHERE variable_name = 'binlog_format'", "ROW"),
        ("SHOW GLOBAL VARIABLES WHERE variable_name = 'aurora_enhanced_binlog'", ""),
        ("SELECT NULL", ""),
    ],
)
def test_the_answer_is_the_last_column_of_the_first_row_or_empty(mariadb: MariaDB, sql: str, expect: str):
    verify(mariadb.root, [check(sql, expect, "something else")])


def test_every_wrong_answer_is_named_with_its_remedy(mariadb: MariaDB):
    with pytest.raises(PipelineError) as refused:
        verify(mariadb.root, [check("SELECT 1", "2"), check("SELECT 3", "3"), check("SELECT 4", "5", "6")])
    text = str(refused.value)
    assert "SELECT 1 answers '1', not 2. Remedy: reboot the writer" in text
    assert "SELECT 4 answers '4', not 5 or 6" in text
    assert "SELECT 3" not in text, "what holds is not in the way"


def test_a_check_that_cannot_be_asked_is_a_wrong_answer(mariadb: MariaDB):
    with pytest.raises(PipelineError, match="nosuch cannot be asked"):
        verify(mariadb.root, [check("SELECT @@nosuch", "1")])
