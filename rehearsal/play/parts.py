"""Parts: what plays the services of a rehearsal that keep a checkpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rehearsal import delivery, replication


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What plays the two services that keep a checkpoint. A test puts a faulty one in its place."""

    replication: Callable[..., object] = replication.run
    delivery: Callable[..., object] = delivery.run


DECLARED = Parts()
