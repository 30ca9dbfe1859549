"""Requests against botocore's own models of AWS's services: types, lengths, ranges, patterns, enumerations.

botocore looks at types and least lengths by itself; the rest of what a model says is asked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from tests.interop.calls import Call

LOADER = Loader()
_HYPHENED = r"[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*"
DOCUMENTED: Mapping[tuple[str, str], str] = {
    ("rds", "DBClusterIdentifier"): rf"(?=.{{1,63}}$){_HYPHENED}",
    ("rds", "DBInstanceIdentifier"): rf"(?=.{{1,63}}$){_HYPHENED}",
    ("rds", "FinalDBSnapshotIdentifier"): rf"(?=.{{1,255}}$){_HYPHENED}",
    ("rds", "DBSubnetGroupName"): r"(?!default$)[A-Za-z0-9._ -]{1,255}",
    ("rds", "DBClusterParameterGroupName"): rf"(?=.{{1,255}}$){_HYPHENED}",
    ("rds", "MasterUsername"): r"[A-Za-z][A-Za-z0-9]{0,15}",
    ("rds", "MasterUserPassword"): r"[!#-.0-?A-~]{8,41}",
    ("dms", "ReplicationInstanceIdentifier"): rf"(?=.{{1,63}}$){_HYPHENED}",
    ("dms", "ReplicationTaskIdentifier"): rf"(?=.{{1,255}}$){_HYPHENED}",
    ("dms", "ReplicationConfigIdentifier"): rf"(?=.{{1,255}}$){_HYPHENED}",
    ("dms", "EndpointIdentifier"): rf"(?=.{{1,255}}$){_HYPHENED}",
    ("dms", "CertificateIdentifier"): rf"(?=.{{1,255}}$){_HYPHENED}",
    ("dms", "ReplicationSubnetGroupIdentifier"): r"(?!default$)[A-Za-z0-9._-]{1,255}",
    ("s3", "Bucket"): r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
}
"""What the model says of a parameter in words alone, by service and name of the parameter."""


def refusals(call: Call) -> Iterator[str]:
    """What the model of the service refuses of ``call``."""
    shape = _input(call.service, call.operation)
    report = ParamValidator().validate(dict(call.params), shape)
    if report.has_errors():
        yield f"{call.service}:{call.operation}: {report.generate_report()}"
        return
    for where, why in _refused(call.params, shape, ""):
        yield f"{call.service}:{call.operation}{where}: {why}"
    for name, value in call.params.items():
        pattern = DOCUMENTED.get((call.service, name))
        if pattern and not re.fullmatch(pattern, value):
            yield f"{call.service}:{call.operation}.{name}: {value!r} is not {pattern}"


@cache
def _input(service: str, operation: str) -> Any:
    return _model(service).operation_model(operation).input_shape


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(LOADER.load_service_model(service, "service-2"), service)


def _refused(value: Any, shape: Any, where: str) -> Iterator[tuple[str, str]]:
    if shape.type_name == "structure":
        for name, item in value.items():
            yield from _refused(item, shape.members[name], f"{where}.{name}")
    elif shape.type_name == "list":
        yield from _out_of_range(len(value), shape, where)
        for item in value:
            yield from _refused(item, shape.member, f"{where}[]")
    elif shape.type_name == "map":
        yield from _out_of_range(len(value), shape, where)
        for key, item in value.items():
            yield from _refused(key, shape.key, f"{where}{{}}")
            yield from _refused(item, shape.value, f"{where}{{{key}}}")
    elif shape.type_name == "string":
        yield from _of_text(value, shape, where)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _out_of_range(value, shape, where)
        if shape.type_name == "integer" and not -(2**31) <= value < 2**31:
            yield where, f"{value} has more than 32 bits"


def _of_text(value: str, shape: Any, where: str) -> Iterator[tuple[str, str]]:
    yield from _out_of_range(len(value), shape, where)
    if shape.enum and value not in shape.enum:
        yield where, f"{value!r} is none of {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.search(_whole(pattern), value):
        yield where, f"{value[:200]!r} is not {pattern}"


def _out_of_range(number: float, shape: Any, where: str) -> Iterator[tuple[str, str]]:
    least, most = shape.metadata.get("min", number), shape.metadata.get("max", number)
    if not least <= number <= most:
        yield where, f"{number} is not {least} to {most}"


@cache
def _whole(pattern: str) -> re.Pattern[str]:
    """A pattern of a model for the whole text, as Python writes it: models have Java's classes and surrogates."""
    for java, python in _JAVA.items():
        pattern = pattern.replace(java, python)
    return re.compile(rf"\A(?:{pattern})\Z")


_JAVA = {
    r"\p{L}\p{Z}\p{N}": r"\w\s",
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"\x{10000}-\x{10FFFF}": r"\U00010000-\U0010FFFF",
}
