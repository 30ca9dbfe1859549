"""Secret values of a stack, as ``pulumi config set --secret`` makes them: which keys may have one, and what is said.

They are read like others, never quoted, and only taken for keys that go from input to input as they are. Any other
would stand in Pulumi's state in the clear, or decide which resources there are.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace

from configuration.rule import Problem

MAY_BE_SECRET = frozenset({"databaseSecretArn", "databaseSecretKeyArn"})
"""For these ``pulumi config set`` asks to choose between ``--secret`` and ``--plaintext``."""
_HIDDEN = "[secret]"


def refuse_secrets(problems: Sequence[Problem], secret_keys: Set[str]) -> list[Problem]:
    """``problems``, and in the place of those of a key that must not be a secret one that says so."""
    wrong = sorted(secret_keys - MAY_BE_SECRET)
    says = "it cannot be a secret: its value decides what is declared, and stands in Pulumi's state"
    refused = [Problem(key, _HIDDEN, says, f"pulumi config set --plaintext {key} and its value") for key in wrong]
    return [problem for problem in problems if problem.key not in wrong] + refused


def hidden(problems: Sequence[Problem], secret_keys: Set[str]) -> list[Problem]:
    """``problems`` without the values of secrets."""
    return [replace(problem, value=_HIDDEN) if problem.key in secret_keys else problem for problem in problems]
