"""MySQL's binary JSON: the text that MySQL prints of it, with every digit, and refusal of what is damaged."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymysqlreplication.json_binary import parse_json

from model import Column, PipelineError
from rehearsal.source.binlog.decode import DefinitionMismatchError
from rehearsal.source.binlog.json_documents import double, text
from rehearsal.source.binlog.row_types import Type, decoder
from tests.rehearsal.source.binary_json import Opaque, encoded

NUMBERS = st.one_of(
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([sign * 2**bits + by for bits in (15, 16, 31, 32, 62) for sign in (1, -1) for by in (-1, 0)]),
)
SCALARS = st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5)
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(DOCUMENTS, st.booleans())
def test_a_document_is_what_was_written(document: Any, large: bool) -> None:
    written = encoded(document, large=large)

    assert same(json.loads(text(written)), document)
    other = decoded(parse_json(written[0], written[1:]))  # pyrefly: ignore[bad-argument-type] -- it takes the number
    assert same(json.loads(text(written)), other), "as another reader has it"


def same(one: Any, other: Any) -> bool:
    """Equal in type, too, and 0.0 is not -0.0."""
    return repr(ordered(one)) == repr(ordered(other))


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(one) for one in value] if isinstance(value, list) else value


def decoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {key.decode(): decoded(one) for key, one in value.items()}
    return [decoded(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16383, 16384, 65_600, 2_100_000])
def test_a_long_document_is_what_was_written(size: int) -> None:
    document = {"long": "é" * (size // 2), "after": [size, "x" * size], "k" * min(size, 60_000): True}

    assert json.loads(text(encoded(document))) == document


# Written down by hand, byte for byte, as the description of the format says.
BY_HAND = {
    "04 00": "null",
    "04 01": "true",
    "05 ff ff": "-1",
    "06 ff ff": "65535",
    "0a ff ff ff ff ff ff ff ff": "18446744073709551615",
    "0c 03 61 22 0a": r'"a\"\n"',
    "0c 02 c3 a9": '"é"',
    "00 00 00 04 00": "{}",
    "02 00 00 04 00": "[]",
    "02 02 00 0a 00 05 01 00 04 00 00": "[1, null]",
    # Two members, sorted by the lengths of their names: "b" is 2, "aa" a text.
    "00 02 00 1a 00 12 00 01 00 13 00 02 00 05 02 00 0c 15 00 62 61 61 04 74 65 78 74": '{"b": 2, "aa": "text"}',
    # A large array has numbers of four bytes in their places.
    "03 01 00 00 00 0d 00 00 00 08 ff ff ff ff": "[4294967295]",
    # DECIMAL(5,2) 123.45, and -0.5 as a DECIMAL(1,1).
    "0f f6 05 05 02 80 7b 2d": "123.45",
    "0f f6 03 01 01 7a": "-0.5",
    "": "null",
}


@pytest.mark.parametrize("written", BY_HAND)
def test_documents_written_by_hand(written: str) -> None:
    assert text(bytes.fromhex(written)) == BY_HAND[written]


def packed(days: int, hours: int, minutes: int, seconds: int, micros: int, sign: int = 1) -> bytes:
    number = ((days << 17 | hours << 12 | minutes << 6 | seconds) << 24) + micros
    return (sign * number).to_bytes(8, "little", signed=True)


DAY = (2026 * 13 + 2) << 5 | 28


@pytest.mark.parametrize(
    ("opaque", "expected"),
    [
        (Opaque(10, packed(DAY, 0, 0, 0, 0)), '"2026-02-28"'),
        (Opaque(12, packed(DAY, 23, 59, 58, 7)), '"2026-02-28 23:59:58.000007"'),
        (Opaque(7, packed(DAY, 1, 2, 3, 0)), '"2026-02-28 01:02:03.000000"'),
        (Opaque(11, packed(0, 838, 59, 58, 999_999)), '"838:59:58.999999"'),
        (Opaque(11, packed(0, 1, 0, 0, 500_000, sign=-1)), '"-01:00:00.500000"'),
        (Opaque(252, b"\0\xff"), '"base64:type252:AP8="'),
        (Opaque(16, b"\1" * 60), '"base64:type16:' + "AQEB" * 19 + r"\nAQEB" + '"'),
        (Opaque(15, b""), '"base64:type15:"'),
    ],
)
def test_what_json_has_no_type_for_is_written_as_mysql_does(opaque: Opaque, expected: str) -> None:
    assert text(encoded(opaque)) == expected
    assert text(encoded([{"k": opaque}])) == f'[{{"k": {expected}}}]'


@given(st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-(10**20), max_value=10**20))
def test_a_decimal_keeps_every_digit(number: Decimal) -> None:
    sign, digits, _ = number.as_tuple()
    shown = "".join(map(str, digits)).zfill(28)  # DECIMAL(28,7)
    groups = [(3, 2), (9, 4), (9, 4), (7, 4)]
    raw, place = b"", 0
    for count, size in groups:
        raw += int(shown[place : place + count]).to_bytes(size, "big")
        place += count
    raw = bytes([raw[0] ^ 0x80]) + raw[1:]
    raw = bytes(byte ^ 0xFF for byte in raw) if sign else raw

    assert Decimal(text(encoded(Opaque(246, bytes([28, 7]) + raw)))) == number


@pytest.mark.parametrize(
    ("number", "printed"),
    [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (-1.5, "-1.5"), (0.1, "0.1"), (100.0, "100.0"),
        (1e14, "100000000000000.0"), (1e15, "1e15"), (1234567890123456.7, "1234567890123456.8"),
        (12345678901234568.0, "1.2345678901234568e16"), (1e-15, "0.000000000000001"), (1e-16, "1e-16"),
        (1.5e-20, "1.5e-20"), (1.7976931348623157e308, "1.7976931348623157e308"), (5e-324, "5e-324"),
    ],
)  # fmt: skip
def test_a_double_is_printed_as_mysql_prints_it(number: float, printed: str) -> None:
    assert double(number) == printed


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_reads_back_to_itself(number: float) -> None:
    assert float(double(number)) == number
    assert math.copysign(1, float(double(number))) == math.copysign(1, number)


@pytest.mark.parametrize(
    "damaged",
    [
        "10",
        "05 01",
        "0c 05 61",
        "00 01 00 ff 00",
        "02 01 00 07 00 0c 50 00",
        "0d 00",
        "0b 00",
        "0f f6 03 05 02 80",
        "04 09",
    ],
)
def test_a_damaged_document_is_no_value(damaged: str) -> None:
    with pytest.raises((ValueError, IndexError)):
        text(bytes.fromhex(damaged))


def test_a_json_column_of_mysql_is_decoded_and_no_other_type_is_taken_for_it() -> None:
    document = encoded({"a": [1, None]})
    image = len(document).to_bytes(4, "little") + document
    column = Column(name="j", data_type="json", column_type="json")

    assert decoder(column, Type(245, (4, 0)))(b"x" + image + b"y", 1) == ('{"a": [1, null]}', 1 + len(image))
    with pytest.raises((DefinitionMismatchError, PipelineError)):
        decoder(Column(name="j", data_type="blob", column_type="blob"), Type(245, (4, 0)))
