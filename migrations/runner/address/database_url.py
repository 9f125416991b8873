"""The one reader of database URLs: libpq's connection strings, and URLs with the options of Prisma.

The Python client's runtime has a copy of this file, which `make blocking` writes, and the Node client the
same rules in ``database_url.cjs``; ``tests/database_urls.json`` holds all three to the same meaning.
It imports next to nothing, since the runner's fast path reads a URL too.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Options of Prisma's that say how to use a database; libpq would refuse a URL for them.
_PRISMA = frozenset(
    {"connection_limit", "pgbouncer", "pool_timeout", "schema", "socket_timeout", "sslaccept"}
    | {"statement_cache_size"}
)
#: What else was once an option of Prisma's, and what to do instead.
_REFUSED = {
    "max_connection_lifetime": "leave it out",
    "max_idle_connection_lifetime": "leave it out",
    "single_use_connections": "leave it out",
    "sslidentity": "PKCS 12 files are not supported: convert it to PEM files with openssl pkcs12, and name "
    "them as sslcert and sslkey",
}
#: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_LIBPQ = frozenset({
    "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
    "fallback_application_name", "gssdelegation", "gssencmode", "gsslib", "host", "hostaddr", "keepalives",
    "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname", "load_balance_hosts",
    "max_protocol_version", "min_protocol_version", "oauth_client_id", "oauth_client_secret", "oauth_issuer",
    "oauth_scope", "options", "passfile", "password", "port", "replication", "require_auth", "requirepeer",
    "scram_client_key", "scram_server_key", "service", "servicefile", "ssl_max_protocol_version",
    "ssl_min_protocol_version", "sslcert", "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkey",
    "sslkeylogfile", "sslmode", "sslnegotiation", "sslpassword", "sslrootcert", "sslsni",
    "target_session_attrs", "tcp_user_timeout", "user",
})  # fmt: skip
_CHOICES = {
    "channel_binding": ("disable", "prefer", "require"),
    "pgbouncer": ("true", "false"),
    "ssl": ("true",),
    "sslaccept": ("strict", "accept_invalid_certs"),
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
}
_ENCODE = "in a URL's user and password, write @ / : ? # % and spaces percent-encoded, as %40 for @"
_BLANK = " \t\n\r\f\v"  # not what else Python takes for a space: Node takes other characters
_MALFORMED = "the connection string is malformed"


class InvalidDatabaseUrlError(ValueError):
    """Why a URL can't be used, and the fix. Neither repeats a part of it but the names of known options."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(f"{message}; {fix}")
        self.message, self.fix = message, fix


class DatabaseUrl:
    """What a URL means. ``parameters`` are libpq's; times are in seconds; what isn't said is None."""

    __slots__ = (
        "connection_limit", "is_pooled", "parameters", "pool_timeout", "schema", "socket_timeout",
        "statement_cache_size",
    )  # fmt: skip

    def __init__(self, parameters: Mapping[str, str], options: Mapping[str, str]) -> None:
        self.parameters = dict(parameters)
        #: The Postgres schema of names without one: the session's search path.
        self.schema = options.get("schema")
        #: A transaction pooler stands before the server, so that a session belongs to nobody.
        self.is_pooled = options.get("pgbouncer") == "true"
        #: How many connections a client opens at most.
        self.connection_limit = _whole(options, "connection_limit", least=1)
        #: How long to wait for a connection while all are in use; 0 is for ever.
        self.pool_timeout = _whole(options, "pool_timeout")
        #: How long a statement may take; None for 0, as long as it likes.
        self.socket_timeout = _whole(options, "socket_timeout") or None
        #: How many statements a connection keeps prepared at most.
        self.statement_cache_size = _whole(options, "statement_cache_size")

    @property
    def connect_timeout(self) -> int | None:
        """How long opening a connection may take; 0 is for ever."""
        return _whole(self.parameters, "connect_timeout")

    @property
    def conninfo(self) -> str:
        """The parameters as libpq reads them."""
        return " ".join(f"{name}={_quoted(value)}" for name, value in self.parameters.items())


def read_database_url(text: str, environment: Mapping[str, str] = os.environ) -> DatabaseUrl:
    """What a URL or one of libpq's connection strings means. Raises InvalidDatabaseUrlError."""
    text = text.strip(_BLANK)
    if "\0" in text or not _is_unicode(text):
        raise _unencoded()
    scheme, separator, rest = text.partition("://")
    is_url = bool(separator) and not any(character in scheme for character in "= '\t\r\n")
    if is_url and scheme.partition("+")[0] not in ("postgres", "postgresql"):
        raise InvalidDatabaseUrlError(
            "the URL is not that of a Postgres database",
            "write postgresql://role:password@host:port/database",
        )
    last = dict(_of_url(rest) if is_url else _of_words(text))
    given = {name: value for name, value in last.items() if value}
    for name in given:
        _check_known(name, may_be_shown=is_url)
    for name, choices in _CHOICES.items():
        if given.get(name, choices[0]) not in choices:
            raise InvalidDatabaseUrlError(
                f"{name} has a value that it can't have",
                f"write one of {', '.join(choices)}, or leave it out",
            )
    if given.pop("ssl", None):  # as libpq has it
        given["sslmode"] = "require"
    parameters = {name: value for name, value in given.items() if name not in _PRISMA}
    _whole(parameters, "connect_timeout")
    _take_over_tls(parameters, given.get("sslaccept"), environment)
    return DatabaseUrl(parameters, given)


def option_value(schema: str) -> str:
    """A schema as the search path among libpq's ``options``."""
    # A quoted identifier, then libpq's escape for spaces and backslashes inside options.
    quoted = '"' + schema.replace('"', '""') + '"'
    return quoted.replace("\\", "\\\\").replace(" ", "\\ ")


def _of_url(rest: str) -> Iterator[tuple[str, str]]:
    if any(character <= " " or character == "\x7f" for character in rest):
        raise _unencoded()
    base, _, query = rest.partition("?")
    authority, slash, path = base.partition("/")
    login, _, place = authority.rpartition("@")
    # A password ends at its first bare @ or /: the rest of it would be taken for a server, and be shown.
    if "@" in login or (place and not login and "@" in (path if slash else query)):
        raise _unencoded()
    user, _, password = login.partition(":")
    hosts = [_host_and_port(each) for each in place.split(",")]
    yield "user", _decoded(user)
    yield "password", _decoded(password)
    if any(host for host, _ in hosts):
        yield "host", ",".join(_decoded(host) for host, _ in hosts)
    if any(port for _, port in hosts):
        yield "port", ",".join(port for _, port in hosts)
    yield "dbname", _decoded(path)
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        if not equals:
            raise InvalidDatabaseUrlError(_MALFORMED, f"write options as ?name=value&name=value; {_ENCODE}")
        # A + stands for itself, as libpq has it, except between the server's options.
        yield _decoded(name), _decoded(value.replace("+", " ") if name == "options" else value)


def _host_and_port(address: str) -> tuple[str, str]:
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        colon, port = rest[:1], rest[1:]
        is_right = bool(bracket) and colon in ("", ":")
    else:
        host, _, port = address.partition(":")
        is_right = "[" not in host and "]" not in host
    if not is_right:
        raise _unencoded()
    if port and not (_is_number(port) and 0 < int(port) < 65536):
        raise InvalidDatabaseUrlError(f"{_MALFORMED}: its port is not a number from 1 to 65535", _ENCODE)
    return host, port


def _decoded(text: str) -> str:
    first, *rest = text.split("%")
    decoded = bytearray(first.encode())
    for part in rest:
        digits = part[:2]
        if (
            len(digits) < 2
            or any(digit not in "0123456789abcdefABCDEF" for digit in digits)
            or digits == "00"
        ):
            raise _unencoded()
        decoded += bytes([int(digits, 16)]) + part[2:].encode()
    try:
        return decoded.decode()
    except UnicodeDecodeError:
        raise InvalidDatabaseUrlError(
            f"{_MALFORMED}: something that is percent-encoded is not UTF-8", f"encode it as UTF-8; {_ENCODE}"
        ) from None


def _of_words(text: str) -> Iterator[tuple[str, str]]:
    """The pairs of ``host=h dbname='a b'``: https://www.postgresql.org/docs/current/libpq-connect.html."""
    rest = text
    while rest:
        name, equals, rest = rest.partition("=")
        name = name.strip()
        if not equals or not name or any(character.isspace() for character in name):
            raise InvalidDatabaseUrlError(
                _MALFORMED,
                f"write postgresql://role:password@host:port/database, or name=value pairs; {_ENCODE}",
            )
        value, rest = _word(rest.lstrip())
        yield name, value
        rest = rest.lstrip()


def _word(text: str) -> tuple[str, str]:
    """The value at the beginning, and what follows it."""
    quote = text[:1] == "'"
    value, index = "", int(quote)
    while index < len(text):
        character = text[index]
        if character == "'" and quote:
            return value, text[index + 1 :]
        if character.isspace() and not quote:
            break
        if character == "\\":
            index += 1
            character = text[index : index + 1]
        value += character
        index += 1
    if quote:
        raise InvalidDatabaseUrlError(f"{_MALFORMED}: a quote is not closed", "close it with another '")
    return value, text[index:]


def _check_known(name: str, *, may_be_shown: bool) -> None:
    if name in _REFUSED:
        raise InvalidDatabaseUrlError(f"{name} is not supported", _REFUSED[name])
    if name in _LIBPQ or name in _PRISMA or name == "ssl":
        return
    # In a string of words an unknown name may be the rest of a password with a space in it.
    is_name = may_be_shown and len(name) <= 40 and name.isascii() and name.replace("_", "").isalnum()
    raise InvalidDatabaseUrlError(
        f"{name if is_name else 'an option'} is not an option of database URLs",
        "leave it out, or correct its name" + ("" if is_name else f"; {_ENCODE}"),
    )


def _take_over_tls(parameters: dict[str, str], accept: str | None, environment: Mapping[str, str]) -> None:
    """Complete libpq's TLS parameters: a requested check must never be dropped."""
    if accept is None:
        return
    # Next to sslaccept and without a key, it is Prisma's sslcert: the authority's, not the client's.
    authority = None if "sslkey" in parameters else parameters.pop("sslcert", None)
    if accept == "strict" and parameters.get("sslmode") != "disable":
        parameters["sslmode"] = "verify-full"
        if authority is not None or not environment.get("PGSSLROOTCERT"):
            parameters.setdefault("sslrootcert", authority or "system")


def _whole(options: Mapping[str, str], name: str, least: int = 0) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if not _is_number(text) or int(text) < least:
        raise InvalidDatabaseUrlError(
            f"{name} is not a whole number of {least} or more", f"write a number, or leave {name} out"
        )
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _is_unicode(text: str) -> bool:
    """Not so for a variable of the environment that is not UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _unencoded() -> InvalidDatabaseUrlError:
    return InvalidDatabaseUrlError(_MALFORMED, _ENCODE)
