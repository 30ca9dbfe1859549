"""Plans of single parts, as the program would declare them, for tests that need no whole declaration."""

from __future__ import annotations

from typing import Any

from model.plan import DeliveryPlan

_DELIVERY: dict[str, Any] = {
    "name": "cdc",
    "bucket": "lake-of-the-tests",
    "prefix": "raw/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/",
    "error_prefix": "errors/!{firehose:error-output-type}/",
    "buffer_bytes": 1 << 20,
    "buffer_seconds": 300,
    "compression": "GZIP",
    "file_extension": ".json.gz",
    "append_delimiter": True,
    "time_zone": "UTC",
    "role_policies": (),
    "starts_before_task": True,
}


def delivery_plan(**changes: Any) -> DeliveryPlan:
    """A delivery stream, with ``changes`` to its fields."""
    return DeliveryPlan(**{**_DELIVERY, **changes})
