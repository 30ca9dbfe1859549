"""What a part says when it refuses."""

from __future__ import annotations


class PipelineError(Exception):
    """The declaration cannot be rehearsed, or a part of it failed. The text says which, why and what to do."""
