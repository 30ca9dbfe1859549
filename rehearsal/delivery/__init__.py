"""Delivery: plays the Firehose delivery stream from the stream to the lake.

``delivery``       the worker
``shard_reader``   reads the stream
``processing``     what is done to each record: its place, the end of its line
``partitioning``   dynamic partitioning
``buffer``         collects records until they are an object
``prefixes``       the keys of objects
``date_patterns``  the times in them
``checkpoint``     what is in S3 already, on disk
"""

from rehearsal.delivery.delivery import DeliveryProgress, run

__all__ = ["DeliveryProgress", "run"]
