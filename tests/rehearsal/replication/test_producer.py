"""PutRecords: batches, refusals, and no record behind a later one of its key."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import PipelineError
from rehearsal.replication.messages import Record
from rehearsal.replication.producer import MAX_BYTES, Producer, again
from tests.waiting import LIMIT

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


@pytest.mark.parametrize(("count", "calls"), [(499, [499]), (500, [500]), (501, [500, 1]), (1201, [500, 500, 201])])
def test_a_call_has_at_most_500_records(count, calls):
    stream = Stream()
    send(stream, records(*"a" * count))
    assert [len(call) for call in stream.calls] == calls, "the limit of PutRecords"


@pytest.mark.parametrize("key", ["key", "ключ"])
@pytest.mark.parametrize(("beside", "calls"), [(-1, [5]), (0, [5]), (1, [4, 1])])
def test_a_call_has_at_most_5_mebibytes_to_the_byte(key, beside, calls):
    stream, data = Stream(), (1 << 20) - len(key.encode())
    send(stream, [*[Record(key, bytes(data))] * 4, Record(key, bytes(data + beside))])
    assert [len(call) for call in stream.calls] == calls, "the bytes of keys count, and not their letters"


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


@pytest.mark.parametrize("refusals", [58, 59])
def test_a_record_that_is_taken_at_the_sixtieth_attempt_is_in_time(refusals):
    stream = Stream(*[[0]] * refusals)
    send(stream, records("a"))
    assert (len(stream.calls), stream.kept) == (refusals + 1, [("a", b"0")])


def test_a_stream_that_refuses_a_record_sixty_times_fails_at_last():
    stream = Stream(*[[0]] * 60)
    with pytest.raises(PipelineError, match="still refuses 1 records after 60 attempts"):
        send(stream, records("a"))
    assert len(stream.calls) == 60, "a minute of shard limits is enough"


def test_records_are_made_while_a_call_is_under_way_and_the_next_one_waits_for_it():
    taken = threading.Event()

    class Slow(Stream):
        def put_records(self, **request):
            assert taken.wait(LIMIT)
            return super().put_records(**request)

    stream = Slow()
    producer = Producer(stream, "cdc")
    for record in records(*"a" * 900):
        producer.put(record)  # the 501st begins the first call, and does not wait for its answer
    assert not stream.kept
    taken.set()
    producer.flush()
    assert [data for _, data in stream.kept] == [str(number).encode() for number in range(900)], "in order"


def test_what_a_call_failed_with_is_raised_by_every_flush_after_it():
    producer = Producer(Stream([0], code="KMSAccessDeniedException"), "cdc")
    for record in records(*"a" * 501):
        producer.put(record)
    for _ in range(2):
        with pytest.raises(PipelineError, match="KMSAccessDeniedException"):
            producer.flush()  # else a checkpoint would pass what is not in the stream


@settings(deadline=None)
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
