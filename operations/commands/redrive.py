"""``redrive``: what Firehose could not deliver goes back into the stream, once its cause is mended."""

from __future__ import annotations

from typing import Any

from model import PipelineError
from operations.command import FOUND, WELL, Operation, add_command
from operations.redrive import Redrive, Redriven

_RIGHTS = (
    "firehose:DescribeDeliveryStream",
    "s3:GetBucketVersioning",
    "s3:ListBucket",
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "kinesis:PutRecords",
    "kms:Decrypt",
    "kms:GenerateDataKey",
)


def add(subparsers: Any) -> None:
    """The command's parser."""
    command = add_command(
        subparsers,
        "redrive",
        does="put what lies below the error prefix back into the stream, once its cause is mended",
        rights=_RIGHTS,
        run=run,
        more="What the stream has acknowledged is taken out of the error prefix; the bucket keeps its old version. "
        "What cannot go back stays there, and the exit code is then 1.",
    )
    command.add_argument("--dry-run", action="store_true", help="say what would go back, and change nothing")


def run(operation: Operation) -> int:
    """Put all of it back, and report."""
    dry = operation.options.dry_run
    redrive = Redrive(clients=operation.clients, outputs=operation.outputs, pause=operation.pause)
    done = Redriven()
    if not dry:
        redrive.check()
    try:
        for key in redrive.run(done, put=not dry):
            stays = sum(done.stay.get(key, {}).values())
            operation.say(f"{key}: {f'{stays} stay' if stays else 'all of it' if not dry else 'all of it would'}")
    except (PipelineError, KeyboardInterrupt):
        operation.say(f"broken off: {done.records:,} records of {done.objects:,} whole objects went back before it")
        raise
    _report(operation, done, "would go back" if dry else "went back into the stream")
    return FOUND if done.stay else WELL


def _report(operation: Operation, done: Redriven, did: str) -> None:
    for what, counted in (("table", done.tables), ("failed with", done.codes)):
        for name, count in counted.most_common():
            operation.say(f"{what} {name or 'no code'}: {count:,}")
    for key, reasons in done.stay.items():
        for reason, count in reasons.items():
            operation.say(f"stays: {count:,} in {key}: {reason}", style="yellow")
    where = f"s3://{operation.outputs.lake_bucket}/{operation.outputs.error_prefix}/"
    if not done.records and not done.stay:
        operation.say(f"nothing lies below {where}", style="bold green")
    else:
        operation.say(
            f"{done.records:,} records {did}; {sum(sum(it.values()) for it in done.stay.values()):,} stay in {where}",
            style="bold yellow" if done.stay else "bold green",
        )
    operation.tell({"records": done.records, "tables": done.tables, "codes": done.codes, "stay": done.stay})
