"""Replication: plays the DMS task: rows of the source become DMS records in the stream.

Which tables, rows and columns, under which names, is said by the mappings of the declaration (mappings/).

``task``         the worker: checks, full load, then the changes of the binlog
``load``         the full load
``follow``       the changes of the binlog
``start``        where it begins in the binlog, and whether that is still the same log
``checkpoint``   how far it has come, on disk
``progress``     what it tells its parent
``capture``      the captured tables, as the source's catalog has them now
``settings``     what of its settings decides what a record looks like
``records``      a row as a data record
``columns``      how the rows of one table are written
``values``       a column's values as JSON
``transformed``  values that a rule changes, as JSON
``control``      control records: tables made, emptied, altered
``writing``      all of these writers, as both the load and the changes use them
``compiled``     a text with places for values, as a function
``messages``     their JSON, their size, their clock
``producer``     writes them to the stream
"""

from rehearsal.replication.follow import Instruction
from rehearsal.replication.progress import ReplicationProgress
from rehearsal.replication.start import check_end
from rehearsal.replication.task import run

__all__ = ["Instruction", "ReplicationProgress", "check_end", "run"]
