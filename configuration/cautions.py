"""What is legal and probably not meant: it is said at each preview, and nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from configuration.settings import Settings


def warnings(settings: Settings) -> tuple[str, ...]:
    """One sentence or two for each thing."""
    return (*_half_turned_lock(settings), *_nobody_told(settings))


def _half_turned_lock(settings: Settings) -> Iterator[str]:
    ephemeral, acknowledged = settings.general.ephemeral, settings.general.acknowledge_data_loss
    if not settings.destroyable and (ephemeral or acknowledged):
        yield (
            f"Data is kept. To destroy it takes ephemeral: true and acknowledgeDataLoss: {settings.stack}; this stack "
            f"has ephemeral: {str(ephemeral).lower()} and acknowledgeDataLoss: {acknowledged!r}."
        )


def _nobody_told(settings: Settings) -> Iterator[str]:
    if not settings.watch.has_recipient:
        yield (
            "Nobody is told when the pipeline stops: name addresses in alarmEmails, or a topic of your own in "
            "alarmTopicArn."
        )
