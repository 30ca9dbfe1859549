"""Server: how to reach a MySQL-compatible server, and connections that give values as model/table.py has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pymysql
from pymysql import converters
from pymysql.constants import CR, ER, FIELD_TYPE

from database.session import FIRST, settle
from model import PipelineError

_INTEGERS = (
    FIELD_TYPE.TINY,
    FIELD_TYPE.SHORT,
    FIELD_TYPE.INT24,
    FIELD_TYPE.LONG,
    FIELD_TYPE.LONGLONG,
    FIELD_TYPE.YEAR,
)

# A type without an entry stays what the wire carries: text (temporals, strings, JSON) or bytes (binary strings).
_FROM_SERVER: dict[int, Any] = {
    **dict.fromkeys(_INTEGERS, int),
    FIELD_TYPE.BIT: lambda bits: int.from_bytes(bits, "big"),
    FIELD_TYPE.DECIMAL: Decimal,
    FIELD_TYPE.NEWDECIMAL: Decimal,
    FIELD_TYPE.FLOAT: float,
    FIELD_TYPE.DOUBLE: float,
}
_CONVERSIONS: dict[Any, Any] = {**converters.encoders, **_FROM_SERVER}

_SERVER_SHUTDOWN, _CONNECTION_KILLED, _KILLED = 1053, 1927, 3169  # the second is MariaDB's, the third MySQL's
_LOST = frozenset(
    {
        *(CR.CR_CONN_HOST_ERROR, CR.CR_CONNECTION_ERROR, CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST),
        *(ER.CON_COUNT_ERROR, _SERVER_SHUTDOWN, _CONNECTION_KILLED, _KILLED),
    }
)
_SECURE_TRANSPORT_REQUIRED = 3159  # MySQL with require_secure_transport=ON; MariaDB says 1045, access denied

_REFUSALS: dict[int, str] = {
    ER.ACCESS_DENIED_ERROR: "the server refuses the user name or password, or a connection without TLS "
    "(require_secure_transport=ON, REQUIRE SSL): check both and that a CA certificate is given",
    ER.DBACCESS_DENIED_ERROR: "the user has no privilege on the database that was asked for: grant it",
    ER.HOST_NOT_PRIVILEGED: "the server does not accept connections from this host",
    ER.CON_COUNT_ERROR: "the server has no connection left: raise max_connections or close some",
    _SECURE_TRANSPORT_REQUIRED: "the server has require_secure_transport=ON and refuses connections without TLS: "
    "connect with a CA certificate (sslMode=verify-ca)",
    CR.CR_CONN_HOST_ERROR: "no connection: is the server running, is the address right, does its certificate "
    "come from the given CA?",
    CR.CR_SSL_CONNECTION_ERROR: "the server offers no TLS, which a CA certificate asks for",
}


class SourceLostError(PipelineError):
    """The connection to a server is gone, or it takes none: later it may."""


def is_lost(error: Exception) -> bool:
    """Whether ``error`` says that a server is not there, and not that it refuses something."""
    if isinstance(error, pymysql.MySQLError):
        closed = isinstance(error, pymysql.err.InterfaceError)  # what a connection says that has broken before
        return closed or bool(error.args and error.args[0] in _LOST)
    return isinstance(error, SourceLostError)


@dataclass(frozen=True)
class Server:
    """Where a MySQL-compatible server listens and who connects to it."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    ca_file: str | None = None
    """PEM file of the CA that must have signed the server's certificate (``sslMode`` ``verify-ca``: the chain is
    verified, the host name is not); None connects without TLS (``sslMode`` ``none``).
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html"""
    unix_socket: str | None = None
    """Path of the server's socket; when given, ``host``, ``port`` and ``ca_file`` are not used to connect."""

    def __str__(self) -> str:
        return f"{self.user}@{self.unix_socket or f'{self.host}:{self.port}'}"

    def connect(self, **overrides: Any) -> pymysql.Connection[Any]:
        """A new session in autocommit with every setting of session.py; ``overrides`` are arguments of
        ``pymysql.connect``.

        Raises PipelineError when the server cannot be reached, refuses the user or does not keep a setting.
        """
        arguments: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "unix_socket": self.unix_socket,
            "charset": "utf8mb4",
            "autocommit": True,
            "init_command": FIRST,
            "conv": _CONVERSIONS,
            "connect_timeout": 10,
            **self._tls(),
            **overrides,
        }
        try:
            connection = pymysql.connect(**arguments)
            try:
                settle(connection)
            except BaseException:
                connection.close()
                raise
            return connection
        except pymysql.MySQLError as error:
            raise self._refused(
                error
            ) from None  # the driver's frames hold the password, and some tracebacks show locals
        except OSError as error:
            raise PipelineError(f"cannot connect to {self}: {error}: check the CA certificate file") from None

    def _tls(self) -> dict[str, Any]:
        if self.unix_socket or self.ca_file is None:
            return {"ssl_disabled": True}
        return {"ssl_ca": self.ca_file, "ssl_verify_cert": True, "ssl_verify_identity": False}

    def _refused(self, error: pymysql.MySQLError) -> PipelineError:
        code = error.args[0] if error.args else None
        why = _REFUSALS.get(code, "the server refuses the connection") if isinstance(code, int) else "no connection"
        kind = SourceLostError if is_lost(error) else PipelineError
        return kind(f"cannot connect to {self}: {why} (the server said: {error})")
