"""Whether the packages in a registry are those of this schema: anybody may have taken the name before."""

from __future__ import annotations

from collections.abc import Container

from schemas.errors import Problem

from .publisher import Publisher


def foreign_package(
    publisher: Publisher, name: str, schema_name: str, known: Container[str]
) -> Problem | None:
    """Somebody else's package under ``name``, by its highest version and by the one that is ``latest``.

    ``known``: versions that the catalogue or a seal has, which need not be looked into.
    """
    newest, latest = publisher.newest(name), publisher.latest(name)
    for version in dict.fromkeys(filter(None, (newest, latest))):
        if version not in known and (problem := _foreign(publisher, name, version, schema_name)):
            return problem
    return None


def _foreign(publisher: Publisher, name: str, version: str, schema_name: str) -> Problem | None:
    maker = publisher.maker(name, version)
    if not maker.is_this_tool:
        return _not_ours(publisher, name, f"{version}, which schema-service has not made")
    if maker.schema_name not in (None, schema_name):
        return _not_ours(publisher, name, f"{version}, made from the schema {maker.schema_name!r}")
    return None


def _not_ours(publisher: Publisher, name: str, what: str) -> Problem:
    return Problem(
        code="package-not-ours",
        message=f"the registry at {publisher.url} has {name} {what}: it is somebody else's package",
        fix="choose another name under [packages] in schema-service.toml; if it is this team's own package, "
        "have that version removed from the registry",
    )
