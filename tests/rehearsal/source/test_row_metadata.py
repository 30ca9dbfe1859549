"""The second witness: what a table map says of its columns, against the definition that the statements give."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from model import PipelineError, Table
from rehearsal.source.definitions.dialect import Session
from tests.rehearsal.followed import followed

from .conftest import Shop


@pytest.fixture(params=["MINIMAL", "FULL"])
def metadata(shop: Shop, request: pytest.FixtureRequest) -> Iterator[str]:
    shop.sql(f"SET GLOBAL binlog_row_metadata = {request.param}")
    yield request.param
    shop.sql("SET GLOBAL binlog_row_metadata = MINIMAL")


def table_like(shop: Shop, statement: str) -> Table:
    """The table as it would be after a statement that is not in the log."""
    definitions = followed(shop.table())
    definitions.apply(statement, Session(schema=shop.schema))
    return definitions.tables()[0]


COLUMNS = (
    "id INT PRIMARY KEY", "a BIGINT UNSIGNED", "b DECIMAL(5,2)", "y YEAR", "c CHAR(9)", "d TEXT CHARACTER SET latin1",
    "e ENUM('x','z') CHARACTER SET latin1", "f SET('p','q')", "g BLOB", "h VARCHAR(9)", "bits BIT(3)", "j JSON",
)  # fmt: skip


@pytest.mark.parametrize("charset", ["utf8mb4", "latin1"])
def test_what_a_server_writes_agrees_with_its_own_catalog(shop: Shop, metadata: str, charset: str) -> None:
    table = shop.create(*COLUMNS)
    shop.sql(f"ALTER TABLE t CONVERT TO CHARACTER SET {charset}", "INSERT INTO t (id) VALUES (1)")
    assert [change.after for change in shop.changes(table)] == shop.rows(), metadata


@pytest.mark.parametrize(
    ("statement", "why", "with_minimal"),
    [
        ("ALTER TABLE t MODIFY id INT UNSIGNED", "column id has the sign 'unsigned'.*'signed' by its table map", True),
        ("ALTER TABLE t MODIFY b DECIMAL(5,2) UNSIGNED", "column b has the sign", True),
        ("ALTER TABLE t MODIFY c CHAR(9) CHARACTER SET latin1", "column c has the character set 'latin1'", True),
        ("ALTER TABLE t MODIFY d TEXT", "column d has the character set 'utf8mb4'.*'latin1' by its", True),
        ("ALTER TABLE t MODIFY g TEXT", "column g has the character set 'utf8mb4'.*'binary' by its", True),
        ("ALTER TABLE t RENAME COLUMN h TO k", "column k has the name 'k'.*'h' by its table map", False),
        ("ALTER TABLE t MODIFY f SET('q','p')", r"column f has the labels \['q', 'p'\]", False),
        ("ALTER TABLE t MODIFY e ENUM('x','z','y') CHARACTER SET latin1", "column e has the number of labels 3", False),
    ],
)
def test_a_contradiction_is_refused(shop: Shop, metadata: str, statement: str, why: str, with_minimal: bool) -> None:
    shop.create(*COLUMNS)
    shop.sql("INSERT INTO t (id) VALUES (1)")
    table = table_like(shop, statement)
    if metadata == "MINIMAL" and not with_minimal:
        assert shop.changes(table), "there is no witness"
        return
    with pytest.raises(PipelineError, match=rf"shop\d+\.t were written for another definition.*{why}"):
        shop.changes(table)
