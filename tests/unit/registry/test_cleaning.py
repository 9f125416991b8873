"""What is kept for a stated time only is removed afterwards, and nothing else."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.artifacts.folder import FolderStore
from registry.catalogue import Catalogue, tables
from registry.catalogue.access import Writer
from registry.catalogue.facts.uploads import NewUpload
from registry.catalogue.release_jobs import NewReleaseJob
from registry.config.settings import Settings
from registry.hosting.cleaning import clean, cleaning_in_background
from schemas.versions import SchemaVersion
from schemas.workspace.files import private_folder

_BY = Writer(who="a test", origin="here")
_LONG_AGO = datetime.now(UTC) - timedelta(days=400)
_VERSION = SchemaVersion(1, 0, 0)


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue.open("sqlite:///state.db", root=tmp_path, schema_name="ours")


def _sent(catalogue: Catalogue, store: FolderStore, content: bytes, version: SchemaVersion = _VERSION) -> str:
    digest = store.put(content)
    catalogue.uploads.add(NewUpload(version=version, digest=digest, files=1, size=1), _BY)
    return digest


def _aged(catalogue: Catalogue, folder: Path, *digests: str) -> None:
    table = tables.uploads
    with catalogue._engine.begin() as connection:
        old = table.update().where(table.c.digest.in_(digests), table.c.version == str(_VERSION))
        connection.execute(old.values(uploaded_at=_LONG_AGO))
    for digest in digests:
        os.utime(folder / digest, (_LONG_AGO.timestamp(), _LONG_AGO.timestamp()))


def test_drafts_that_were_sent_long_ago_are_removed(catalogue: Catalogue, tmp_path: Path) -> None:
    folder = private_folder(tmp_path, "artifacts")
    store, uploads = FolderStore(folder), catalogue.uploads
    new, old, again, waiting, published, elsewhere = (
        _sent(catalogue, store, content) for content in (b"new", b"old", b"again", b"wait", b"seal", b"two")
    )
    _sent(catalogue, store, b"two", SchemaVersion(1, 1, 0))
    _aged(catalogue, folder, old, again, waiting, published, elsewhere)
    store.put(b"again")  # somebody sends it just now
    catalogue.release_jobs.add(NewReleaseJob(action="publish", version=_VERSION, draft=waiting), _BY)
    catalogue.uploads.keep_sealed(_VERSION, published)
    settings = Settings(name="ours")
    with cleaning_in_background(catalogue, settings, tmp_path):
        pass  # it is done once in any case
    assert {each.digest for each in uploads.all()} == {new, waiting, elsewhere}
    assert uploads.find(_VERSION, elsewhere) is None
    left = {digest for digest in (new, old, again, waiting, published, elsewhere) if store.get(digest)}
    assert left == {new, again, waiting, published, elsewhere}


def test_events_of_what_was_over_long_ago_are_removed(catalogue: Catalogue, tmp_path: Path) -> None:
    jobs = catalogue.release_jobs
    over, going_on, recent = (
        jobs.add(NewReleaseJob(action="check", version=_VERSION, draft=None), _BY) for _ in range(3)
    )
    jobs.cancel(over.id, _BY)
    jobs.cancel(recent.id, _BY)
    table = tables.run_events
    with catalogue._engine.begin() as connection:
        old = table.update().where(table.c.run.in_([over.id, going_on.id]))
        connection.execute(old.values(at=_LONG_AGO))
    clean(catalogue, Settings.model_validate({"name": "ours", "state": {"keep_events_days": 500}}), tmp_path)
    assert [len(jobs.events(each.id)) for each in (over, going_on, recent)] == [2, 1, 2]
    clean(catalogue, Settings(name="ours"), tmp_path)
    assert [len(jobs.events(each.id)) for each in (over, going_on, recent)] == [0, 1, 2]
    assert jobs.find(over.id).state == "cancelled"
    with catalogue._engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 3
