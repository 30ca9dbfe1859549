"""Declaration: what the program declares for a stack, as data. No cloud, no CLI, no credentials.

``run``           ``declare()``: runs ``__main__.py`` in process
``monitor``       records every registration
``stand_in``      answers for AWS: ids, ARNs, endpoints and the few look-ups that are allowed
``account``       what the account holds before the stack
``stack_config``  the configuration that the CLI would hand to the program
``model``         what comes of it: resources and exports
``cli``           ``python -m declaration``
``tree``          the resources as text
``graph``         the pipeline as a picture
``dashboard``     the dashboard as a picture
``svg``           the parts of both
``runbook``       the page that says what to do about an alarm
``tables``        tables of the README

``python -m declaration`` imports this package before it has made the environment that Pulumi is in, so the names below
are only looked up when somebody asks for them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from declaration.account import Account
    from declaration.model import Declaration, Resource, Secret
    from declaration.run import declare

__all__ = ["Account", "Declaration", "Resource", "Secret", "declare"]

_HOMES = {"Account": "account", "Declaration": "model", "Resource": "model", "Secret": "model", "declare": "run"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
