"""PutRecords: batches, refusals, and no record behind a later one of its key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import PipelineError
from rehearsal.replication.messages import Record
from rehearsal.replication.producer import MAX_BYTES, Producer, again

THROTTLED = "ProvisionedThroughputExceededException"


class Stream:
    """Answers PutRecords as told: one list of indexes to refuse per call, then takes everything."""

    def __init__(self, *refusals, code=THROTTLED):
        self.calls = []
        self.kept = []
        self._refusals = list(refusals)
        self._code = code

    def put_records(self, *, StreamName, Records):  # noqa: N803 (boto3's names)
        self.calls.append(Records)
        refused = self._refusals.pop(0) if self._refusals else []
        entries = []
        for index, entry in enumerate(Records):
            if index in refused:
                entries.append({"ErrorCode": self._code, "ErrorMessage": "slow down"})
            else:
                self.kept.append((entry["PartitionKey"], entry["Data"]))
                entries.append({"SequenceNumber": "1", "ShardId": "shardId-000000000000"})
        return {"FailedRecordCount": len(refused), "Records": entries}


def records(*keys):
    return [Record(key, str(number).encode()) for number, key in enumerate(keys)]


def send(stream, batch):
    pauses = []
    producer = Producer(stream, "cdc", pause=pauses.append)
    for record in batch:
        producer.put(record)
    producer.flush()
    return producer, pauses


def test_a_call_has_at_most_500_records():
    stream = Stream()
    send(stream, records(*"a" * 1201))
    assert [len(call) for call in stream.calls] == [500, 500, 201], "the limit of PutRecords"


def test_a_call_has_at_most_5_mebibytes():
    stream = Stream()
    send(stream, [Record("key", bytes(1_000_000)) for _ in range(8)])
    sizes = [sum(len(e["Data"]) + len(e["PartitionKey"]) for e in call) for call in stream.calls]
    assert max(sizes) <= MAX_BYTES, "keys count as well"
    assert [len(call) for call in stream.calls] == [5, 3], "and calls are filled as far as they go"


def test_nothing_is_sent_before_there_is_something():
    stream = Stream()
    send(stream, [])
    assert not stream.calls, "an empty PutRecords is an error of the API"


def test_a_refused_record_is_sent_again_with_all_later_ones_of_its_key():
    stream = Stream([0])
    send(stream, records("a", "b", "a"))
    assert stream.kept == [("b", b"1"), ("a", b"2"), ("a", b"0"), ("a", b"2")], (
        "the later record of key a is there again behind the refused one; key b is not touched"
    )


def test_throttled_records_are_counted_and_waited_for():
    producer, pauses = send(Stream([0, 1, 2], [1]), records("a", "b", "c"))
    assert producer.throttled == 4, "three in the first call, one in the second"
    assert len(pauses) == 2, "one pause before each repetition"
    assert 0 < pauses[0] < pauses[1], "a pause grows"


def test_a_new_record_waits_until_the_refused_ones_are_taken():
    stream = Stream([499])
    send(stream, records(*"a" * 501))
    assert [data for _, data in stream.kept][-2:] == [b"499", b"500"], "record 500 must not overtake record 499"


def test_a_refusal_that_is_not_a_matter_of_time_fails_with_its_code():
    with pytest.raises(PipelineError, match="stream cdc refuses records with KMSAccessDeniedException"):
        send(Stream([0], code="KMSAccessDeniedException"), records("a"))


def test_a_stream_that_never_takes_a_record_fails_at_last():
    with pytest.raises(PipelineError, match="still refuses 1 records after"):
        send(Stream(*[[0]] * 1000), records("a"))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=12), st.data())
def test_whatever_is_refused_each_key_ends_with_its_records_in_order(entries, data):
    batch = records(*(key for key, _ in entries))
    kept, pending, refused = [], batch, [failed for _, failed in entries]
    while pending:
        kept += [record for record, failed in zip(pending, refused, strict=True) if not failed]
        pending = again(pending, refused)
        refused = data.draw(st.lists(st.booleans(), min_size=len(pending), max_size=len(pending)))
    for key in "abc":
        mine = [record for record in batch if record.partition_key == key]
        arrived = [record for record in kept if record.partition_key == key]
        assert set(arrived) == set(mine), "nothing is lost"
        last = [len(arrived) - arrived[::-1].index(record) for record in mine]
        assert last == sorted(last), "the last copies stand in the order in which the records were put"
