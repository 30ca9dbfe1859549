"""Which hours of the log the view of fresh rows reads: each that may have something, and hardly another."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from documents.fresh_rows import hours
from rehearsal.athena import Athena
from tests.audit.views.shops import catalog

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def athena() -> Iterator[Athena]:
    with Athena(catalog(), ()) as opened:
        yield opened


def read(athena: Athena, begin: str, now: datetime) -> set[str]:
    athena.see((), now)
    mark = f"(SELECT '{begin}' AS cdc_from, '{begin[:10]}' AS cdc_from_dt)"
    return {row[0] for row in athena.run(f"SELECT cdc_at FROM ({hours(mark)})").rows}


@pytest.mark.parametrize("after", [0, 1, 3, 4, 22, 23, 24, 300])
@pytest.mark.parametrize("hour", [0, 3, 21, 23])
def test_each_hour_since_then_and_the_next_one(athena: Athena, hour: int, after: int):
    begin = MIDNIGHT + timedelta(hours=hour)
    wanted = {f"{begin + timedelta(hours=number):%H}" for number in range(after + 2)}
    for minutes in (0, 59):
        assert read(athena, f"{begin:%Y-%m-%d/%H}", begin + timedelta(hours=after, minutes=minutes)) == wanted


def test_all_of_them_where_nothing_was_merged(athena: Athena):
    assert len(read(athena, "", MIDNIGHT)) == 24
