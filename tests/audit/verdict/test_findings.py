"""How much of what was found is listed, and how much of a value is shown."""

from __future__ import annotations

import pytest

from audit import Finding, FindingKind, Findings
from audit.verdict.findings import shown_pair


@pytest.mark.parametrize(("count", "listed"), [(19, 19), (20, 20), (21, 20)])
def test_twenty_of_a_kind_are_listed_and_all_are_counted(count: int, listed: int):
    ledger = Findings()
    for number in range(count):
        ledger.put(Finding(kind=FindingKind.MISSING, text=str(number)))
        ledger.put(Finding(kind=FindingKind.EXTRA, text=str(number)))
    assert [one.kind for one in ledger.listed].count(FindingKind.MISSING) == listed
    assert (ledger.counts[FindingKind.MISSING], ledger.total) == (count, 2 * count), "kinds have their lists each"


@pytest.mark.parametrize(("length", "cut"), [(119, False), (120, False), (121, True)])
def test_a_value_of_120_characters_with_its_quotes_is_shown_whole_and_a_longer_one_is_cut(length: int, cut: bool):
    source, lake = "a" * (length - 2), "a" * (length - 3) + "b"
    pair = shown_pair(source, lake)
    assert (pair != (f'"{source}"', f'"{lake}"')) is cut
    assert pair[0] != pair[1], "the place where they differ is shown in any case"
    assert all(len(text.strip("…")) <= 120 for text in pair)


@pytest.mark.parametrize(("same", "opening"), [(58, '"'), (59, '"'), (60, "…"), (61, "…")])
def test_long_values_are_shown_from_sixty_characters_before_they_differ(same: int, opening: str):
    one, other = shown_pair("a" * same + "b" + "x" * 200, "a" * same + "c" + "x" * 200)
    assert (one[0], other[0], one[-1], other[-1]) == (opening, opening, "…", "…"), "what is cut off is marked"
    assert one.index("b") == other.index("c") == min(same, 60) + 1, f"{one}"


@pytest.mark.parametrize("position", [0, 1])
def test_a_value_that_ends_where_the_other_goes_on_is_cut_there(position: int):
    pair = shown_pair(*(("a" * 200, "a" * 201) if position else ("a" * 201, "a" * 200)))
    assert pair[0] != pair[1], f"{pair}"
