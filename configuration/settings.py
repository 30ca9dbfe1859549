"""The stack's configuration as frozen dataclasses, grouped per component. The only reader of configuration.

* A key of Pulumi.yaml is a field here: ``bufferSizeMb`` is ``buffer_size_mb``, of the field's type. Pulumi.yaml
  describes every key and holds its default; the CLI applies defaults before the program starts: none is repeated here.
* What a value must be is a row of ``rules.py``; what values must agree on, of ``contradictions.py``. All errors of a
  stack file are reported together.
* The CLI hands over every value as text, lists as JSON, and lets unknown keys pass. This module does not.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

import pulumi
from pulumi.runtime.config import (  # the SDK has no public list of all keys
    CONFIG,
    get_config_env,
    get_config_secret_keys_env,
    is_config_secret,
)

from configuration import cautions, further_rules
from configuration.contradictions import CONTRADICTIONS, OWN_CREDENTIALS
from configuration.mapped_tables import refused
from configuration.rule import Problem
from configuration.rules import VALUE_RULES, today
from configuration.secret_values import hidden, refuse_secrets
from configuration.setting_groups import (
    DatabaseSettings,
    LakeSettings,
    NetworkSettings,
    QuerySettings,
    ReplicationSettings,
    SourceSettings,
    StackSettings,
    TableSettings,
    WatchSettings,
)
from documents.column_patterns import ColumnPattern, MaskedColumn
from documents.dms_mappings import FurtherRules
from documents.json_text import read_json
from documents.row_filters import RowFilter
from documents.table_patterns import TablePattern
from documents.versions import DELIVERY_RETRY_HOURS, Windows


class SettingsError(pulumi.RunError):
    """The configuration is refused. ``pulumi up`` prints the message without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a stack may turn."""

    name: str
    """``<project>-<stack>``: prefix of the few physical names that AWS demands."""
    stack: str
    region: str
    profile: str
    """Profile of the AWS configuration file; empty for the default credentials."""
    network: NetworkSettings
    source: SourceSettings
    database: DatabaseSettings
    lake: LakeSettings
    query: QuerySettings
    kept: TableSettings
    replication: ReplicationSettings
    watch: WatchSettings
    general: StackSettings
    secret_keys: Set[str]
    """Keys whose values are secrets of the stack."""

    @property
    def destroyable(self) -> bool:
        """Whether ``pulumi destroy`` may delete data: only when both keys of the lock are turned."""
        return self.general.ephemeral and self.general.acknowledge_data_loss == self.stack

    @property
    def automatic_upgrades(self) -> bool:
        """Whether AWS installs minor versions by itself in the maintenance window."""
        return self.general.minor_upgrades == "automatic"

    @property
    def windows(self) -> Windows | None:
        """How far back the statements read that keep Iceberg tables; None where none are kept. A record may wait in
        the stream for its retention, and Firehose then tries for a day to write it."""
        if not self.kept.kept:
            return None
        latest = self.lake.stream_retention_hours + DELIVERY_RETRY_HOURS
        return Windows(again=self.kept.tables_window_hours, latest=latest)

    @property
    def today(self) -> datetime.date:
        """The day in UTC."""
        return today()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is legal and probably not meant."""
        return cautions.warnings(self)


_GROUPS: Mapping[str, type] = {
    name: group
    for name, group in get_type_hints(Settings).items()
    if name not in ("name", "stack", "region", "profile", "secret_keys")
}
_KINDS: Mapping[str, Any] = {key: kind for group in _GROUPS.values() for key, kind in get_type_hints(group).items()}

_PROVIDER_KEYS = ("aws:region", "aws:profile", *OWN_CREDENTIALS)


def key_of(field: str) -> str:
    """The configuration key of a field: ``buffer_size_mb`` → ``bufferSizeMb``."""
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)


KEYS: tuple[str, ...] = tuple(key_of(field) for field in _KINDS)
"""Every key of the project's namespace."""


def from_stack() -> Settings:
    """The settings of the running stack; what is legal and probably not meant is logged as a warning."""
    given = {**get_config_env(), **CONFIG.get()}
    secrets = {key for key in given if is_config_secret(key)} | set(get_config_secret_keys_env())
    settings = load(given, project=pulumi.get_project(), stack=pulumi.get_stack(), secrets=secrets)
    for warning in settings.warnings:
        pulumi.log.warn(warning)
    return settings


def load(config: Mapping[str, str], *, project: str, stack: str, secrets: Set[str] = frozenset()) -> Settings:
    """Settings from ``namespace:key`` → text as the CLI passes it; ``secrets`` are the keys whose text is a secret.

    SettingsError names everything that is wrong.
    """
    secret_keys = frozenset(key.removeprefix(f"{project}:") for key in secrets)
    given = {key.removeprefix(f"{project}:"): text for key, text in config.items() if key.startswith(f"{project}:")}
    values, problems = _read(given)
    values |= {"project": project, "stack": stack} | {key: config.get(key, "") for key in _PROVIDER_KEYS}
    problems += _unknown(given) + [
        rule.problem(values[rule.key])
        for rule in VALUE_RULES
        if rule.key in values and not rule.holds(values[rule.key])
    ]
    problems = refuse_secrets(problems, secret_keys & set(KEYS))
    if not problems:
        problems = [rule.problem(values[rule.key]) for rule in CONTRADICTIONS if not rule.holds(values)]
    if problems:
        raise SettingsError(report(stack, hidden(problems, secret_keys)))
    groups = {
        name: group(**{field.name: values[key_of(field.name)] for field in fields(group)})
        for name, group in _GROUPS.items()
    }
    if problems := refused(groups["replication"].capture):
        raise SettingsError(report(stack, problems))
    region, profile = values["aws:region"], values["aws:profile"]
    return Settings(
        name=f"{project}-{stack}", stack=stack, region=region, profile=profile, secret_keys=secret_keys, **groups
    )


def _read(given: Mapping[str, str]) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field, kind in _KINDS.items():
        key = key_of(field)
        parse, says = _PARSERS[kind]
        if key not in given:
            problems.append(Problem(key, None, "it is missing", "keep its default in Pulumi.yaml"))
            continue
        try:
            values[key] = parse(given[key])
        except (ValueError, KeyError):
            problems.append(Problem(key, given[key], f"must be {says}", _what_to_type(key, given[key])))
    return values, problems


def _what_to_type(key: str, text: str) -> str:
    """The remedy for a text that cannot be read. ``pulumi config set --path`` fills a list with null up to its item."""
    try:
        items = read_json(text)
    except ValueError:
        items = None
    if isinstance(items, list) and None in items:
        return f"an item is missing (null): pulumi config set --path '{key}[{items.index(None)}]' and its text"
    return "see its description in Pulumi.yaml"


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _text(text: str) -> str:
    text.encode()  # a lone surrogate is a ValueError here, and one of protobuf's later
    return text


def _strings(text: str) -> tuple[str, ...]:
    items = read_json(text)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError(text)
    return tuple(items)


def _each(parse: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    """A parser of a list of texts, each read by ``parse``."""
    return lambda text: tuple(map(parse, _strings(text)))


_PARSERS: Mapping[Any, Any] = {
    str: (_text, "text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (_boolean, "true or false"),
    tuple[str, ...]: (_strings, "a list of texts"),
    tuple[TablePattern, ...]: (
        _each(TablePattern.parse),
        "a list of schema.table patterns (the first dot separates the two)",
    ),
    tuple[ColumnPattern, ...]: (_each(ColumnPattern.parse), "a list of schema.table.column patterns"),
    tuple[MaskedColumn, ...]: (
        _each(MaskedColumn.parse),
        "a list of schema.table.column=hash or schema.table.column=digits",
    ),
    tuple[RowFilter, ...]: (
        _each(RowFilter.parse),
        "a list of schema.table.column and a condition: eq, noteq, gte or lte and a value; between or notbetween, a "
        "value, and, a value; null; notnull; several joined by or; a value with spaces in single quotes",
    ),
    FurtherRules: (
        further_rules.read,
        'empty or the path of a JSON file, relative to the project, with {"rules": [{…}]}',
    ),
}


def _unknown(given: Mapping[str, str]) -> list[Problem]:
    problems = []
    for key in sorted(set(given) - set(KEYS)):
        near = difflib.get_close_matches(key, KEYS, n=1, cutoff=0.5)
        problems.append(
            Problem(key, given[key], "there is no such key", f"did you mean {near[0]}?" if near else "remove it")
        )
    return problems


def report(stack: str, problems: Sequence[Problem]) -> str:
    """The text of a refusal."""
    count = "one setting is wrong" if len(problems) == 1 else f"{len(problems)} settings are wrong"
    return "\n".join([f"Pulumi.{stack}.yaml: {count}.", *(str(problem) for problem in problems)])
