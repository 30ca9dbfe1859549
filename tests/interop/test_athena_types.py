from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from documents.athena_types import athena_type


@pytest.mark.parametrize(
    "mysql", ["int", "bigint unsigned", "decimal(10,2)", "double", "bit", "date", "datetime", "blob"]
)
def test_what_is_more_than_text_is_read_without_an_error(mysql: str):
    read = sqlglot.parse_one(athena_type(mysql).of('"column"'), read="athena")
    tried = [*read.find_all(exp.TryCast), *read.find_all(exp.Try)]
    assert len(tried) == 1, "one value that cannot be read would take the whole view away"
    assert not [cast for cast in read.find_all(exp.Cast) if not isinstance(cast, exp.TryCast)]
