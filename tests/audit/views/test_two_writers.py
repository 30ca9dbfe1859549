"""Two tasks that write into one lake, one of them late: why docs/decisions/0017-one-replication-at-a-time.md."""

from __future__ import annotations

from decimal import Decimal

from audit import DeliveredLines, Expectations, FindingKind, audit, audit_views
from rehearsal.athena import Athena
from tests.audit.views.shops import LATER, TABLES, Shop, catalog, delivered, rows_of

DECLARED = Expectations(before_image="before-image", null_and_empty=True, transaction_details=True)


def two_writers() -> Shop:
    """A seat's order is paid, then sent. The first task writes both; the second is late, writes that it is paid, and is
    stopped before it comes to the rest."""
    shop = Shop()
    new, paid, sent = ((1, note, Decimal("7.50")) for note in ("new", "paid", "sent"))
    shop.change("orders", None, new)
    shop.miss()
    for table in shop.rows:
        shop.prepare(table)
    shop.load("orders", new)
    for before, after in ((new, paid), (paid, sent)):
        shop.commit(60)
        shop.change("orders", before, after)
    shop.capture()
    shop.replay(2)
    shop.lines.pop()
    return shop


def test_the_late_one_wins_in_the_current_state():
    with Athena(catalog(), delivered(two_writers().lines), now=LATER) as athena:
        assert list(athena.run("SELECT note FROM shop_orders_current").rows) == [("paid",)], (
            "an older change with a newer message time: a view cannot know better, so two must never write at once"
        )


def test_both_audits_name_the_row():
    shop, objects = two_writers(), delivered(two_writers().lines)
    by_log = audit(objects, TABLES, rows_of(shop), DECLARED).listed_findings
    with Athena(catalog(), objects, now=LATER) as athena:
        asked = audit_views(athena.run, catalog(), DeliveredLines.of(objects), TABLES, rows_of(shop), DECLARED)
    by_views = [one for ledger in asked.all_findings for one in ledger.listed]
    for found in (by_log, by_views):
        assert {(one.kind, one.key) for one in found} >= {(FindingKind.DIFFERENT, "id=1")}, f"{found}"
