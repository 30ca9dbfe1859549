"""Placement: the names that the declared delivery stream can give its objects, as patterns.

Worked out from the declaration alone and by nothing that the delivery evaluates:
https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html (expressions, and what Firehose adds) and
https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html.
"""

from __future__ import annotations

import re

from model.plan import DeliveryPlan

_TIME = "!{timestamp:yyyy/MM/dd/HH/}"
_ERROR_TYPE = "!{firehose:error-output-type}"
_EXPRESSION = re.compile(r"!\{([^}:]*):([^}]*)\}")
_DATE_TOKEN = re.compile(r"'(?:[^']|'')*'|([A-Za-z])\1*|.")
_TEXTS = {"partitionKeyFromQuery": ".+"}
"""A partition's value is data, a table's name say, which may hold a slash."""
_NAMES = "EGBaLMQqOVXxZz"
"""Date letters that may become text."""


def placement(delivery: DeliveryPlan) -> dict[str, str]:
    """What `Expectations` says of objects, from the declaration: ``placed`` and ``failed``."""
    prefix = delivery.prefix if "!{timestamp:" in delivery.prefix else delivery.prefix + _TIME
    error = delivery.error_prefix or f"{delivery.prefix}{_ERROR_TYPE}/{_TIME}"
    extension = delivery.file_extension or (".gz" if delivery.compression == "GZIP" else "")
    return {"placed": f"{_pattern(prefix)}[^/]+{re.escape(extension)}", "failed": f"{_pattern(error)}.*"}


def _pattern(prefix: str) -> str:
    patterns, end = "", 0
    for expression in _EXPRESSION.finditer(prefix):
        patterns += re.escape(prefix[end : expression.start()])
        namespace, value = expression.groups()
        patterns += _date(value) if namespace == "timestamp" else _TEXTS.get(namespace, "[^/]+")
        end = expression.end()
    return patterns + re.escape(prefix[end:])


def _date(pattern: str) -> str:
    return "".join(_token(match[0], match[1]) for match in _DATE_TOKEN.finditer(pattern))


def _token(text: str, letter: str | None) -> str:
    if text.startswith("'"):
        return re.escape(text[1:-1].replace("''", "'") or "'")
    if not letter:
        return re.escape(text)
    return "[^/]+" if letter in _NAMES and not (letter in "ML" and len(text) < 3) else f"[0-9]{{{len(text)},}}"
