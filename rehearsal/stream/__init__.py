"""Stream: plays Kinesis Data Streams for the one declared stream, so that boto3 and any consumer can attach.

``server``      the process that listens
``operations``  the API's operations: JSON documents in and out
``members``     the members of those documents
``stream``      the stream itself: which shard a record goes to, iterators, retention
``shard``       one shard of it: sequence numbers, limits
``record_log``  the records of a shard
"""

from rehearsal.stream.server import ShardProgress, StreamProgress, serve

__all__ = ["ShardProgress", "StreamProgress", "serve"]
