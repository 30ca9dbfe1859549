"""What an administrator is told to run is what the program would run."""

from __future__ import annotations

from documents import heartbeat
from tests.docs.pages import page


def test_an_administrator_makes_the_same_heartbeat():
    (block,) = [text for kind, text in page("docs/operating.md").blocks if kind == "sql"]
    told = [line.removesuffix(";") for line in block.splitlines()]
    made = [it for it in heartbeat.statements() if "USER" not in it and not it.startswith("GRANT")]
    assert told == [*made, f"CREATE EVENT `cdc_lake`.`beat` ON SCHEDULE EVERY 5 MINUTE DO {heartbeat.BEAT}"]
