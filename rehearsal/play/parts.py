"""Parts: what plays the services of a rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rehearsal import delivery, replication, stream


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What plays the services. A test puts a faulty one in its place."""

    replication: Callable[..., object] = replication.run
    delivery: Callable[..., object] = delivery.run
    stream: Callable[..., object] = stream.serve


DECLARED = Parts()
UNLIMITED = Parts(stream=partial(stream.serve, limits=False))
"""The same with shards that take in whatever comes."""
