"""The sections that every package's README ends with.

What they say is one rule for all packages, so it stands here and not in four templates.
"""

from __future__ import annotations

from textwrap import fill
from typing import Final

from .changelog_file import NAME, changelog_file
from .target import GenerationRequest, Language

_WIDTH: Final = 120
_MADE_BY: Final = (
    "This package was made by Schema Service. Its documentation is a site that your team may have put up, "
    "and these files of its repository:"
)
_CONTENTS: Final[dict[Language, str]] = {
    "python": "the Python client",
    "node": "the Node client",
    "typescript": "the TypeScript types and validators",
    "migrations": "the migrations and their runner",
}
#: Pages of this tool's documentation, as files of its repository.
PAGES: Final[dict[Language, tuple[tuple[str, str], ...]]] = {
    "python": (
        ("The Python client, with an example of everything", "docs/python-client/index.md"),
        ("Test a service against its schema", "docs/how-to/test-a-service.md"),
    ),
    "node": (
        ("The Node client", "docs/reference/node-client.md"),
        ("Install our packages, and nobody else's", "docs/how-to/consumers.md"),
    ),
    "typescript": (
        ("The types package", "docs/reference/types-package.md"),
        ("File formats: JSON of rows", "docs/reference/file-formats.md"),
    ),
    "migrations": (
        ("The migrations runner", "docs/reference/migrations-runner.md"),
        ("All commands and options", "docs/reference/migrations-commands.md"),
        ("At three in the morning", "docs/operations/index.md"),
        ("Containers and Kubernetes", "docs/containers.md"),
    ),
}
_ALL_PAGES: Final = (("Compatibility and support", "docs/reference/compatibility.md"),)
_NEEDS: Final[dict[Language, str]] = {
    "python": "Python 3.11 or later and psycopg 3.2 or later; it is tested with Postgres 15 and 18.",
    "node": "Node 20.19 or later; it is tested with Postgres 15 and 18.",
    "typescript": "a browser of today or Node 20.19 or later, and TypeScript 5.9 or later to read its types.",
    "migrations": "Python 3.11 or later and psycopg 3.2 or later; it is tested with Postgres 15 and 18.",
}


def closing_sections(request: GenerationRequest, language: Language) -> str:
    """Versions, Upgrade and Documentation, as Markdown that ends with a line feed."""
    sections = {
        "Versions": [_fitting(request, language), f"It needs {_NEEDS[language]}", _siblings(request)],
        "Upgrade": [_upgrade(request, language)],
        "Documentation": [_MADE_BY, _listed(*PAGES[language], *_ALL_PAGES)],
    }
    return (
        "\n\n".join(
            text if text.startswith(("|", "-")) else fill(text, _WIDTH, break_on_hyphens=False)
            for title, texts in sections.items()
            for text in (f"## {title}", *texts)
        )
        + "\n"
    )


def _fitting(request: GenerationRequest, language: Language) -> str:
    version, migrations = request.version, request.names.python_migrations
    if language == "typescript":
        return (
            f"The JSON that it reads and writes is that of version {version}: the Python client's `bodies` "
            "of the same version exchange it."
        )
    if language == "migrations":
        return (
            f"It takes a database of any earlier version of this schema to {version}, and refuses one that "
            "it doesn't know. Services that pin an older version go on with it as long as that is not older "
            "than `compatible_from` in the view `schema_service.schema_versions`: by default the last "
            "version that was a breaking one."
        )
    return (
        f"It works with a database that is at version {version} of the schema, and with one at a later "
        "version that is compatible with it: `compatible_from` in the database's view "
        f"`schema_service.schema_versions` is then {version} or older. On any other it says so when it "
        "connects, and stops. An older database is migrated first; "
        f"`{migrations} wait`, of version {version}, waits until that is done."
    )


def _siblings(request: GenerationRequest) -> str:
    names = request.names
    packages: dict[Language, str] = {
        "python": f"{names.python_client}=={request.version.pep440}",
        "node": f"{names.node_client}@{request.version}",
        "typescript": f"{names.typescript_types}@{request.version}",
        "migrations": f"{names.python_migrations}=={request.version.pep440}",
    }
    head = [f"| package of version {request.version} | what it has |", "| --- | --- |"]
    rows = [f"| `{package}` | {_CONTENTS[language]} |" for language, package in packages.items()]
    return "\n".join([*head, *rows])


def _upgrade(request: GenerationRequest, language: Language) -> str:
    order = (
        "Versions are semantic ones: a new major version has a change that may break code or lose data, a "
        "minor one doesn't. Migrate the database first, then the services, one after the other."
    )
    if not changelog_file(request):
        return order
    modules = {"python": request.names.python_import, "migrations": request.names.python_migrations_import}
    place = f"{modules[language]}/{NAME}" if language in modules else NAME
    return f"{order} `{place}` in this package says what has changed, and what to write instead."


def _listed(*pages: tuple[str, str]) -> str:
    return "\n".join(f"- {title}: `{path}`" for title, path in pages)
