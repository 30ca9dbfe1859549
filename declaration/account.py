"""What an AWS account holds before the stack, as far as the program looks: an empty one unless a test says more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account."""

    roles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Tags of its IAM roles, by name."""

    def roles_matching(self, pattern: str) -> list[str]:
        """Names of the roles, as ``aws.iam.get_roles`` finds them: none is no failure."""
        return sorted(name for name in self.roles if re.search(pattern, name))

    def role(self, name: str) -> dict[str, Any]:
        """A role, as ``aws.iam.get_role`` finds it; LookupError where there is none, as AWS refuses."""
        if name not in self.roles:
            raise LookupError(f"there is no role {name} in the account")
        return {"id": name, "name": name, "path": "/", "tags": dict(self.roles[name])}
