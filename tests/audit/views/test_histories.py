"""Whatever a task may write, and however it is delivered, the declared views show what the source has.

A history is drawn, its lines are jumbled, and the program's own SQL is asked, beside the fold of the first audit. What
the source has is known from a dict that the history keeps as it goes along (shops.py).
"""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import Expectations, FindingKind, audit
from rehearsal.athena import Athena
from tests.audit.views.histories import histories
from tests.audit.views.shops import LATER, NAMES, TABLES, Shop, catalog, jumbled, rows_of

PROPERTY = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
DECLARED = Expectations(before_image="before-image", null_and_empty=True, transaction_details=True)


ROWS = {FindingKind.MISSING, FindingKind.EXTRA, FindingKind.DIFFERENT, FindingKind.CONFLICT, FindingKind.SUSPECT}
"""What the fold may say of rows. (It minds the columns that the histories make up, and a truncation written twice.)"""


@settings(PROPERTY, max_examples=15)
@given(histories(), st.integers(0, 999))
def test_the_declared_views_show_what_the_source_has(shop: Shop, seed: int):
    with Athena(catalog(), jumbled(shop.lines, seed), now=LATER) as athena:
        for table, names in NAMES.items():
            columns = ", ".join(f'"{name}"' for name in names)
            answer = athena.run(f"SELECT {columns}, cdc_unreadable FROM shop_{table}_current")
            shown = Counter(answer.rows)
            assert shown == Counter((*row, None) for row in shop.rows[table].values()), f"{table} of {shop.lines}"


@settings(PROPERTY, max_examples=60)
@given(histories(), st.integers(0, 999))
def test_the_fold_agrees(shop: Shop, seed: int):
    result = audit(jumbled(shop.lines, seed), TABLES, rows_of(shop), DECLARED)
    found = [str(one) for table in result.tables.values() for one in table.findings.listed if one.kind in ROWS]
    assert not found, "a second reader of the same records comes to the same rows"
