"""The number that tells whether anything published has changed, on SQLite and on Postgres."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from migrations.scratch.scratch_server import ScratchServer
from registry.catalogue import Catalogue, PublishedVersion
from registry.catalogue.access import Writer
from registry.catalogue.engine import open_engine, state_url
from registry.catalogue.facts.events import WITHDRAWN, NewEvent
from registry.errors import ImmutableVersionError
from schemas.versions import SchemaVersion

_FIRST = SchemaVersion(1, 0, 0)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, scratch_server: ScratchServer) -> Iterator[str]:
    if request.param == "sqlite":
        yield "sqlite:///state.db"
    else:
        with scratch_server.new_database() as address:
            yield address


def _opened(url: str, root: Path) -> Catalogue:
    return Catalogue(open_engine(state_url(url, root)), "shop")


def _version(input_digest: str = "0" * 64) -> PublishedVersion:
    return PublishedVersion(
        version=_FIRST,
        description="The first",
        author=None,
        schema_text="",
        schema_digest="0" * 64,
        input_digest=input_digest,
        changelog="",
        published_at=datetime(2026, 1, 1, tzinfo=UTC),
        published_by="somebody",
        migrations=(),
        artifacts=(),
    )


def test_it_grows_with_each_change_of_any_process_and_with_nothing_else(url: str, tmp_path: Path) -> None:
    reader, writer = _opened(url, tmp_path), _opened(url, tmp_path)
    seen = [reader.published_changes.number()]

    def grew() -> bool:
        seen.append(reader.published_changes.number())
        return seen[-1] == seen[-2] + 1

    writer.stage(_version())
    assert grew()
    writer.record(_version(), latest=_FIRST)
    assert grew()
    writer.corrections.add(_FIRST, {"description": "Better"}, by="manager")
    assert grew()
    writer.events.begin([NewEvent(event=WITHDRAWN, version=_FIRST, details={"reason": "x"})], latest=None)
    assert grew()
    writer.trust.keep_attestation(_FIRST, "{}")
    assert grew()
    writer.models.keep(_FIRST, 1, "{}")
    writer.access.create("ci", "migrate", expires_at=None, by=Writer(who="manager", origin="here"))
    writer.summaries()
    with pytest.raises(ImmutableVersionError):
        writer.record(_version("1" * 64), latest=_FIRST)
    assert reader.published_changes.number() == seen[-1]
    for each in (reader, writer):
        each.close()


def test_a_change_that_is_rolled_back_counts_for_nothing(url: str, tmp_path: Path) -> None:
    engine = open_engine(state_url(url, tmp_path))
    catalogue = Catalogue(engine, "shop")
    before = catalogue.published_changes.number()
    with engine.connect() as connection:
        catalogue.events.add(connection, NewEvent(event=WITHDRAWN, version=_FIRST), finished=True)
        connection.rollback()
        connection.execute(sa.select(sa.literal(1)))
        connection.commit()
    assert catalogue.published_changes.number() == before
    catalogue.close()
