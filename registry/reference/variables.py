"""A page with every variable of the environment that the tool and the packages read."""

from __future__ import annotations

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
_PACKAGES = """\
## Of the packages
| variable | read by | meaning |
| --- | --- | --- |
| `DATABASE_URL` | the migrations, both clients | the database, where no other is named |
| `PGHOST`, `PGPORT`, … | the migrations, the Node client | the database, where there is no URL |
| `PGSSLROOTCERT` | all three | the certificates of authorities, where the URL names none |
| `PGOPTIONS` | the Python client | options of its sessions, where the URL has none |

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
            _PACKAGES.rstrip(),
            "",
        ]
    )
