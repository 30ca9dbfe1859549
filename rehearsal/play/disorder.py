"""Disorder: a lake as the unluckiest delivery would have left it that AWS allows.

Kinesis promises no order between the records of one put, shards are delivered side by side, delivery is at least once
and as late as it likes. So in what is made here a table's records lie in any order, some of them twice or three times,
some objects hours or days away from where they were; there are blank lines, and objects that end without a newline. No
record is lost, and none has another byte: whoever reads such a lake must see the same rows.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
https://docs.aws.amazon.com/firehose/latest/dev/basic-deliver.html
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from audit.objects.compression import GZIP_MAGIC, decompressed
from rehearsal.lake import LakeObject

_PLACE = re.compile(r"(?P<above>(?:.*/)?)dt=(?P<time>\d{4}-\d\d-\d\d/hr=\d\d)/(?P<below>(?:.*/)?)(?P<name>[^/]+)")
_TIME = "%Y-%m-%d/hr=%H"
_HOURS = (1, 2, 5, 23, 26, 49, 75)
"""How far an object may lie from where it was."""
GROUP = 32 << 20
"""Bytes of the lines that are mixed with one another, and so held at once; an object more than that at most."""
_Group = list[tuple[LakeObject, list[bytes]]]
"""Objects and the records in them."""
_TWICE, _THRICE, _LATE, _BLANK = 0.10, 0.02, 0.25, 0.3
"""Of the lines: how many come twice or three times, and how many three times. Of the objects: how many lie elsewhere,
and how many have blank lines."""


def disordered(
    objects: Mapping[str, LakeObject],
    seed: int,
    may_lie: Callable[[str], bool] = lambda key: True,
    but: Container[str] = (),
    level: int = 1,
) -> Iterator[LakeObject]:
    """The records of ``objects`` in disorder, the same for the same ``seed``; ``may_lie`` says which names are allowed.
    Objects whose keys are in ``but`` are left out; GZIP packs with ``level``, where 0 is fast and packs nothing.

    Records stay below the folder that comes before their object's ``dt=``, and in that behind its ``hr=``. An object
    that has no such folders or no allowed name, that is damaged, or whose lines are no records, stays as it is: to move
    one from where no query sees it would hide just that. Of all others there is no ETag, for S3 never had them.

    Of a lake that is larger than a group the records are mixed in groups of objects from all over it, one after the
    other, so that no more than a group is ever held.
    """
    dice, keys = Random(seed), sorted(key for key in objects if key not in but)
    taken = set(keys)
    for group in _groups(objects, keys, seed):
        taken -= {delivered.key for delivered, _ in group}
        mixed = _mixed_group(group, dice, taken, may_lie)
        group.clear()
        while mixed:  # no line is held longer than it must be
            delivered, lines = mixed.pop(0)
            yield _object(delivered, lines, level) if lines else delivered


def _groups(objects: Mapping[str, LakeObject], keys: list[str], seed: int) -> Iterator[_Group]:
    """The objects in any order, as many at once as hold a group's lines."""
    group, size = _Group(), 0
    for key in Random(seed).sample(keys, len(keys)):
        records = _records(delivered := objects[key])
        group.append((delivered, records))
        size += sum(map(len, records)) if records else delivered.size
        if size >= GROUP:
            yield group
            group, size = _Group(), 0
    yield group


def _mixed_group(group: _Group, dice: Random, taken: set[str], may_lie: Callable[[str], bool]) -> _Group:
    """The objects of a group by their new keys, with the lines that they get: none for one that stays as it is.

    ``taken`` are the keys of all others.
    """
    result = _Group()
    folders: dict[tuple[str, str], list[LakeObject]] = {}
    lines: dict[tuple[str, str], list[bytes]] = {}
    for delivered, records in sorted(group, key=lambda it: it[0].key):
        place = _PLACE.fullmatch(delivered.key)
        if place and records and may_lie(delivered.key):
            folder = place["above"], place["below"]
            folders.setdefault(folder, []).append(delivered)
            lines.setdefault(folder, []).extend(records)
        else:
            result.append((delivered, []))
    taken |= {delivered.key for delivered, _ in result}
    for folder, originals in folders.items():
        for original, mixed in zip(originals, _mixed(lines[folder], len(originals), dice), strict=True):
            key = _elsewhere(original.key, dice, lambda key: key not in taken and may_lie(key))
            taken.add(key)
            _spread(mixed, dice)
            result.append((replace(original, key=key), mixed))
    return sorted(result, key=lambda it: it[0].key.encode())


def _records(delivered: LakeObject) -> list[bytes]:
    """The lines of an object; none if it is damaged, or if one of them is not a whole record."""
    if hashlib.md5(delivered.body, usedforsecurity=False).hexdigest() != delivered.etag:
        return []
    text = decompressed(delivered.body, named_gzip=delivered.key.endswith(".gz"))
    lines = list(filter(bytes.strip, text.body.split(b"\n")))
    whole = all(line.startswith(b"{") and line.endswith(b"}") for line in lines)
    return lines if whole and not text.damage else []


def _mixed(lines: list[bytes], count: int, dice: Random) -> list[list[bytes]]:
    """``lines`` in any order over ``count`` objects, none of them empty; a copy lies in another object if there is one.

    There are at least as many lines as objects.
    """
    dice.shuffle(lines)
    mixed: list[list[bytes]] = [[] for _ in range(count)]
    for number, line in enumerate(lines):
        home = number if number < count else dice.randrange(count)
        mixed[home].append(line)
        chance = dice.random()
        for _ in range((chance < _TWICE) + (chance < _THRICE)):
            mixed[(home + 1 + dice.randrange(max(1, count - 1))) % count].append(line)
    return mixed


def _elsewhere(key: str, dice: Random, allowed: Callable[[str], bool]) -> str:
    """``key``, or for some the name that it would have if it lay in the partition of an earlier hour or day."""
    place = _PLACE.fullmatch(key)
    assert place
    if dice.random() < _LATE:
        for hours in dice.sample(_HOURS, len(_HOURS)):
            time = datetime.strptime(place["time"], _TIME) - timedelta(hours=hours)
            moved = f"{place['above']}dt={time.strftime(_TIME)}/{place['below']}{place['name']}"
            if allowed(moved):
                return moved
    return key


def _spread(lines: list[bytes], dice: Random) -> None:
    """Put blank lines between ``lines``, and behind them an empty one if the text is to end with a newline."""
    if dice.random() < _BLANK:
        for _ in range(dice.randint(1, 3)):
            lines.insert(dice.randint(0, len(lines)), b"")
    if dice.random() >= 0.5:
        lines.append(b"")


def _object(delivered: LakeObject, lines: list[bytes], level: int) -> LakeObject:
    """``delivered`` with ``lines``, packed as it was: who unpacks by the name must meet what was there. Where the name
    does not say GZIP nobody unpacks, and must not find lines, as level 0 leaves them."""
    body = b"\n".join(lines)
    if delivered.body.startswith(GZIP_MAGIC):
        body = gzip.compress(body, compresslevel=level if delivered.key.endswith(".gz") else 1, mtime=0)
    return replace(delivered, body=body, etag="")
