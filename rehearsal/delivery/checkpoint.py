"""What a delivery stream remembers on disk: which records of the stream are in S3."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model import PipelineError


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How far a delivery stream has got."""

    stream: str
    started: int
    """When it became ACTIVE, in milliseconds since the epoch."""
    positions: Mapping[str, str]
    """For each shard the sequence number up to which every record is in S3; none for a shard without one."""

    def save(self, path: Path) -> None:
        """Write to ``path`` so that a reader finds either all of this or all of what was there before."""
        new = path.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(vars(self), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    @classmethod
    def load(cls, path: Path, stream: str) -> Checkpoint | None:
        """What ``path`` says; None if it does not exist. Raises PipelineError if it is of another stream."""
        try:
            checkpoint = cls(**json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise PipelineError(f"{path} is no checkpoint of a delivery: {error}; remove it to start anew") from error
        if checkpoint.stream != stream:
            raise PipelineError(
                f"{path} is the checkpoint of a delivery from stream {checkpoint.stream!r}, not {stream!r}; "
                "use another folder, or remove it to start anew"
            )
        return checkpoint
