"""declaration: what the program declares for a stack, as data. No cloud, no CLI, no credentials."""

from declaration.account import Account
from declaration.model import Declaration, Resource, Secret
from declaration.run import declare

__all__ = ["Account", "Declaration", "Resource", "Secret", "declare"]
