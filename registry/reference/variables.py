"""A page with every variable of the environment that the tool and the packages read."""

from __future__ import annotations

from collections.abc import Iterator

from .markdown import GENERATED, code, table
from .settings import tables

_INTRODUCTION = f"""\
{GENERATED}
# Environment variables

## Of schema-service
"""
#: Those that are no settings. ``*NAME*`` stands for a registry's name, in capitals and with _ for -.
VARIABLES = (
    (
        "SCHEMA_SERVICE_CACHE",
        "the folder for npm packages and Postgres' files; the user's cache folder if it isn't set",
    ),
    ("SCHEMA_SERVICE_DEBUG", "anything: print the traceback of an error, for a report of a bug"),
    ("SCHEMA_SERVICE_PYPI_USERNAME", "the user of the first Python index; `TWINE_USERNAME` is read, too"),
    ("SCHEMA_SERVICE_PYPI_PASSWORD", "the password or token of that user; `TWINE_PASSWORD` is read, too"),
    ("SCHEMA_SERVICE_NPM_TOKEN", "the token for the first npm registry; `NODE_AUTH_TOKEN` is read, too"),
    ("SCHEMA_SERVICE_NPM_USERNAME", "the user of the first npm registry, where there is no token"),
    ("SCHEMA_SERVICE_NPM_PASSWORD", "the password of that user"),
    ("SCHEMA_SERVICE_PYPI_*NAME*_USERNAME", "the user of the index that is called so; and `…_PASSWORD`"),
    ("SCHEMA_SERVICE_NPM_*NAME*_TOKEN", "the token for the registry that is called so"),
)
_OTHERS = (
    ("`PIP_*`, `PIP_CONFIG_FILE`, `npm_config_*`", "pip's and npm's own: where other packages come from"),
    ("`NO_COLOR`", "anything: no colours on a terminal"),
)
_SETTINGS = """\
## Settings
Each sets a key of [schema-service.toml](schema-service-toml.md), and wins over it. NAME is what a database or
a channel is called. Of several registries each has its place, from 0, before the key:
`SCHEMA_SERVICE_REGISTRIES__PYPI__1__URL`. Events are separated by commas.
"""
_ALL, _LIBPQ, _NOBODY = "the migrations, both clients", "the migrations, the Python client", "nobody"
#: Those of Postgres, and which packages read them: the migrations and the Python client what libpq reads.
POSTGRES_VARIABLES = (
    (
        ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"),
        _ALL,
        "what the URL leaves out; without a URL the migrations and the Node client take them for it",
    ),
    (("PGPASSFILE",), _ALL, "the file of passwords, instead of `~/.pgpass`"),
    (("PGOPTIONS",), _ALL, "options of the sessions, where the URL has none"),
    (("PGAPPNAME",), "both clients", "what the sessions are called, where the URL doesn't say it"),
    (("PGSSLMODE", "PGSSLROOTCERT"), _ALL, "TLS and its authorities, where the URL doesn't name them"),
    (
        (
            *("PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL"),
            *("PGCHANNELBINDING", "PGTARGETSESSIONATTRS", "PGREQUIREAUTH", "PGGSSENCMODE"),
        ),
        _LIBPQ,
        "as libpq has them; for the Node client write `sslcert`, `sslkey` and `channel_binding` into the URL",
    ),
    (
        ("PGCONNECT_TIMEOUT", "PGCLIENTENCODING", "PGTZ", "PGDATESTYLE"),
        _NOBODY,
        "the packages have a limit of their own (`connect_timeout`), UTF-8, UTC and ISO",
    ),
)
_PACKAGES = """\
## Of the packages
"""
_AFTERWARDS = """\
What a URL may say: [connecting](../python-client/connecting.md).

## Of the images of registries
| variable | meaning |
| --- | --- |
| `REGISTRY_NAMES` | names, with blanks between them, that are never looked up elsewhere |
| `REGISTRY_PASSWORD` | the password that publishers shall have |
"""


def variables_page() -> str:
    """docs/reference/environment.md."""
    keys = [key for each in tables() for key in each.keys]
    rows = [(code(name.replace("*", "")), meaning) for name, meaning in VARIABLES]
    settings = (
        (code(key.variable), code(f"[{'.'.join(key.path)}] {key.name}" if key.path else key.name))
        for key in keys
    )
    return "\n".join(
        [
            _INTRODUCTION,
            *table(["variable", "meaning"], [*rows, *_OTHERS]),
            _SETTINGS,
            *table(["variable", "key"], settings),
            _PACKAGES,
            *table(["variable", "read by", "meaning"], _package_rows()),
            _AFTERWARDS.rstrip(),
            "",
        ]
    )


def _package_rows() -> Iterator[tuple[str, str, str]]:
    yield code("DATABASE_URL"), _ALL, "the database, where no other is named"
    for names, readers, meaning in POSTGRES_VARIABLES:
        yield ", ".join(map(code, names)), readers, meaning
