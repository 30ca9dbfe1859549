"""Writing: what a task writes records with, whether it loads or follows."""

from __future__ import annotations

from dataclasses import dataclass

from mappings.rule_warnings import rule_warnings
from mappings.table_mappings import Mappings
from rehearsal.replication.capture import Capture
from rehearsal.replication.control import ControlWriter
from rehearsal.replication.messages import Record
from rehearsal.replication.producer import Producer
from rehearsal.replication.progress import ProgressReporter
from rehearsal.replication.records import RecordWriter
from rehearsal.replication.settings import KinesisSettings, TaskSettings


@dataclass(frozen=True, kw_only=True)
class Writing:
    """The writers of one task, where their records go, and who counts them."""

    settings: TaskSettings
    kinesis: KinesisSettings
    mappings: Mappings
    records: RecordWriter
    control: ControlWriter
    producer: Producer
    reporter: ProgressReporter

    def tell(self, record: Record) -> None:
        """Write a control record."""
        self.producer.put(record)
        self.reporter.control += 1

    def warn_of_rules(self, capture: Capture, *, running: bool) -> None:
        """Report what the rules do to the tables as they are now."""
        images = self.settings.before_image is not None
        self.reporter.warn(
            rule_warnings(self.mappings, capture.targets.values(), before_images=images, running=running)
        )
