"""The ``[project]`` table as core metadata 2.4 (PEP 621, PEP 639), the same fields as hatchling writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from schemas.errors import Problem

from ..file_tree import FileTree
from ..metadata import METADATA_VERSION

_KNOWN_KEYS = frozenset(
    {
        "name",
        "version",
        "description",
        "readme",
        "requires-python",
        "license",
        "authors",
        "keywords",
        "classifiers",
        "dependencies",
        "optional-dependencies",
        "urls",
        "scripts",
    }
)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")  # PEP 508
# Whatever ends a line for a header parser, or is invisible: a value with one of these could add a header.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def core_metadata(
    project: Mapping[str, Any], *, files: FileTree, license_files: list[str]
) -> tuple[str, list[Problem]]:
    """METADATA's text and every problem found; with problems the text must not be used."""
    writer = _Writer()
    for key in sorted(set(project) - _KNOWN_KEYS):
        writer.refuse("unknown-field", f"[project] has {key[:80]!r}, which is not supported", "remove it")
    writer.identity(project)
    writer.urls(project.get("urls", {}))
    writer.authors(project.get("authors", []))
    writer.licenses(project.get("license"), license_files)
    keywords = writer.texts("keywords", project.get("keywords", []))
    if keywords:
        writer.header("Keywords", ",".join(sorted(keywords)))
    for classifier in sorted(writer.texts("classifiers", project.get("classifiers", []))):
        writer.header("Classifier", classifier)
    writer.requires_python(project.get("requires-python"))
    for requirement in writer.requirements("dependencies", project.get("dependencies", [])):
        writer.header("Requires-Dist", requirement)
    writer.extras(project.get("optional-dependencies", {}))
    body = writer.readme(project.get("readme"), files)
    return "".join(writer.lines) + body, writer.problems


class _Writer:
    """Collects headers in order, and what is wrong with them."""

    def __init__(self) -> None:
        self.lines = [f"Metadata-Version: {METADATA_VERSION}\n"]
        self.problems: list[Problem] = []

    def refuse(self, code: str, message: str, fix: str) -> None:
        self.problems.append(Problem(code=code, message=message, fix=fix))

    def header(self, name: str, value: object) -> None:
        if not isinstance(value, str) or _UNPRINTABLE.search(value):
            self.refuse(
                "invalid-header",
                f"{name} has a line break or a control character, or is not text: {str(value)[:80]!r}",
                "write it as one line of text",
            )
            return
        self.lines.append(f"{name}: {value}\n")

    def texts(self, key: str, value: object) -> list[str]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self.refuse("invalid-field", f"{key!r} is not a list of strings", 'write ["…", "…"]')
        return []

    def identity(self, project: Mapping[str, Any]) -> None:
        name, version = project.get("name"), project.get("version")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            self.refuse(
                "invalid-name",
                f"{str(name)[:80]!r} is not a name for a Python distribution",
                "use letters, digits, '-', '_' and '.', with a letter or digit at both ends",
            )
        self.header("Name", name)
        if not _is_canonical(version):
            self.refuse(
                "invalid-version",
                f"{str(version)[:80]!r} is not a Python version in its canonical form",
                "write it as in PEP 440, like 2.0.0 or 2.1.0rc1",
            )
        self.header("Version", version)
        if project.get("description"):
            self.header("Summary", project["description"])

    def urls(self, urls: object) -> None:
        if not isinstance(urls, Mapping):
            self.refuse("invalid-field", "'urls' is not a table", "write label = 'address'")
            return
        for label, url in urls.items():
            if "," in label:
                self.refuse("invalid-field", f"the label {label[:80]!r} has a comma", "remove the comma")
            self.header("Project-URL", f"{label}, {url}")

    def authors(self, authors: object) -> None:
        if not isinstance(authors, list) or not all(isinstance(author, Mapping) for author in authors):
            self.refuse("invalid-field", "'authors' is not a list of tables", 'write [{name = "…"}]')
            return
        names = [author["name"] for author in authors if author.get("name") and not author.get("email")]
        if names:
            self.header("Author", ", ".join(str(name) for name in names))
        addresses = [self._address(author) for author in authors if author.get("email")]
        if addresses:
            self.header("Author-email", ", ".join(addresses))

    def _address(self, author: Mapping[str, Any]) -> str:
        name, email = str(author.get("name", "")), str(author["email"])
        try:
            return str(Address(display_name=name, addr_spec=email))
        except (HeaderParseError, ValueError, IndexError):
            self.refuse("invalid-author", f"{email[:80]!r} is not an e-mail address", "write name@host")
            return ""

    def licenses(self, expression: object, license_files: list[str]) -> None:
        if expression is not None:
            try:
                self.header("License-Expression", canonicalize_license_expression(str(expression)))
            except InvalidLicenseExpression as error:
                self.refuse("invalid-license", f"license: {error}", "write an SPDX expression, like MIT")
        for path in license_files:
            self.header("License-File", path)

    def requires_python(self, specifier: object) -> None:
        if specifier is None:
            return
        try:
            self.header("Requires-Python", str(SpecifierSet(str(specifier))))
        except InvalidSpecifier:
            self.refuse(
                "invalid-requires-python",
                f"requires-python {str(specifier)[:80]!r} is not a version specifier",
                "write it like >=3.10",
            )

    def requirements(self, key: str, value: object) -> list[str]:
        parsed = []
        for text in self.texts(key, value):
            try:
                parsed.append(_written(Requirement(text)))
            except InvalidRequirement:
                self.refuse(
                    "invalid-requirement",
                    f"{text[:80]!r} in {key} is not a requirement",
                    "write it as in PEP 508, like psycopg>=3.2",
                )
        return sorted(parsed, key=str.casefold)

    def extras(self, extras: object) -> None:
        if not isinstance(extras, Mapping):
            self.refuse("invalid-field", "'optional-dependencies' is not a table", 'write extra = ["…"]')
            return
        for extra, value in sorted(extras.items()):
            if not _NAME.fullmatch(extra):
                self.refuse(
                    "invalid-extra", f"{extra[:80]!r} is not a name for an extra", "use letters and digits"
                )
            name = canonicalize_name(extra)
            self.header("Provides-Extra", name)
            for requirement in self.requirements(f"optional-dependencies.{extra}", value):
                self.header("Requires-Dist", _in_extra(requirement, name))

    def readme(self, readme: object, files: FileTree) -> str:
        """The blank line and the body; it must be a Markdown file of the tree."""
        if readme is None:
            return ""
        content = files.get(readme) if isinstance(readme, str) else None
        if content is None or not str(readme).endswith(".md"):
            self.refuse(
                "readme-missing", "the readme is not a Markdown file of the tree", 'set it to "README.md"'
            )
            return ""
        self.header("Description-Content-Type", "text/markdown")
        try:
            return "\n" + content.decode().replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            self.refuse("readme-unreadable", f"{readme} is not UTF-8", "save it as UTF-8")
            return ""


def _is_canonical(version: object) -> bool:
    try:
        return isinstance(version, str) and str(Version(version)) == version
    except InvalidVersion:
        return False


def _written(requirement: Requirement) -> str:
    requirement.name = canonicalize_name(requirement.name)
    requirement.extras = {canonicalize_name(extra) for extra in requirement.extras}
    return str(requirement).replace('"', "'")


def _in_extra(requirement: str, extra: str) -> str:
    name, semicolon, marker = requirement.partition(";")
    if semicolon:
        return f"{name.rstrip()}; ({marker.strip()}) and extra == '{extra}'"
    separator = " ;" if "@ " in requirement else ";"
    return f"{requirement}{separator} extra == '{extra}'"
