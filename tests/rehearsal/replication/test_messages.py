"""What DMS and Kinesis can carry: at the number, and on either side of it."""

import pytest

from model import PipelineError
from rehearsal.replication.messages import record

MEBIBYTE = 1 << 20


@pytest.mark.parametrize("key", ["shop.orders", "театр.билет"], ids=["a byte a character", "two bytes a letter"])
@pytest.mark.parametrize(("beside", "carried"), [(-1, True), (0, True), (1, False)])
def test_a_record_has_at_most_a_mebibyte_with_the_bytes_of_its_key(key: str, beside: int, carried: bool):
    text = "x" * (MEBIBYTE - len(key.encode()) + beside)
    if carried:
        assert record("shop.orders", key, text).data == text.encode()
        return
    with pytest.raises(PipelineError, match=r"a record of shop\.orders .* DMS writes at most 1,048,576"):
        record("shop.orders", key, text)


@pytest.mark.parametrize("letter", ["k", "ж"])
@pytest.mark.parametrize(("length", "carried"), [(0, False), (1, True), (255, True), (256, True), (257, False)])
def test_a_partition_key_has_1_to_256_characters_whatever_their_bytes(letter: str, length: int, carried: bool):
    if carried:
        assert record("shop.orders", letter * length, "{}").partition_key == letter * length
        return
    with pytest.raises(PipelineError, match=f"has {length} characters.*object-mapping.*schema-table"):
        record("shop.orders", letter * length, "{}")
