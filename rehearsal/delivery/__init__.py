"""Delivery: plays the Firehose delivery stream from the stream to the lake.

``date_patterns`` and ``prefixes`` evaluate object keys, ``partitioning`` and ``processing`` find a record's place and
``buffer`` collects records, all without I/O; ``shard_reader`` reads the stream, ``checkpoint`` remembers what is in S3,
and ``delivery`` is the worker itself.
"""

from rehearsal.delivery.delivery import DeliveryProgress, run

__all__ = ["DeliveryProgress", "run"]
