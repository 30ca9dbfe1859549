"""Stream: plays Kinesis Data Streams for the one declared stream, so that boto3 and any consumer can attach.

``shard`` and ``stream`` keep the records without I/O, ``members`` and ``operations`` turn the API's JSON documents into
calls on them, and ``server`` is the process that listens.
"""

from rehearsal.stream.server import ShardProgress, StreamProgress, serve

__all__ = ["ShardProgress", "StreamProgress", "serve"]
