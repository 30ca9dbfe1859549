"""Url: the server of the user's that ``--source`` names, and where its password comes from."""

from __future__ import annotations

import getpass
import os
import sys
from urllib.parse import parse_qsl, unquote, urlsplit

from database.server import Server
from model import PipelineError

PASSWORD_VARIABLE = "CDC_LAKE_SOURCE_PASSWORD"


def server_of(url: str) -> Server:
    """The server that ``mysql://user@host:port?ca=FILE`` names; its password from the environment or a prompt.

    Raises PipelineError for a URL of another form, and for one with a password: it would be in the shell's history.
    No error repeats any of the URL, for where it is mistyped anything may be a password.
    """
    form = "mysql://user@host:port"
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:  # says and holds parts of the URL
        raise PipelineError(
            f"--source: no URL, no port from 1 to 65535 or an option without a value; give it as {form}"
        ) from None
    if parts.password is not None:
        raise PipelineError(f"--source: leave the password out of the URL and set {PASSWORD_VARIABLE} instead")
    if parts.scheme != "mysql" or not parts.username or not parts.hostname or parts.path not in ("", "/"):
        raise PipelineError(f"--source: must have the form {form}; the tables come from the stack's mappings")
    if set(options) - {"ca"}:
        raise PipelineError("--source: unknown option in the URL; there is only ca, a PEM file")
    user = unquote(parts.username)
    password = os.environ.get(PASSWORD_VARIABLE)
    if password is None:
        password = _asked(f"password of {user} at {parts.hostname}: ")
    return Server(parts.hostname, port, user, password, options.get("ca"), None)


def _asked(prompt: str) -> str:
    """A password from whoever sits at the terminal. PipelineError where nobody does, as in CI."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise PipelineError(f"--source: there is no terminal to ask for the password: set {PASSWORD_VARIABLE}")
    return getpass.getpass(prompt)
