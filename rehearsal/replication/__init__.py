"""Replication: plays the DMS task: rows of the source become DMS records in the stream.

``mappings`` says which tables, rows and columns, under which names: ``rules`` is what its rules share, ``filters``,
``transformations`` and ``object_mapping`` their kinds, ``target`` what comes out for a table, ``remarks`` what to know
of it. ``settings`` says how; ``dms_types``, ``values``, ``transformed``, ``columns``, ``text``, ``records`` and
``control`` turn rows into records without I/O; ``capture`` follows the catalog, ``producer`` writes, ``checkpoint``
remembers, and ``task`` is the worker that does all of it in order.
"""

from rehearsal.replication.progress import ReplicationProgress
from rehearsal.replication.task import Instruction, run

__all__ = ["Instruction", "ReplicationProgress", "run"]
