"""What the steps of a release work with; none of it is stored with the workflow."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from generators.packing import pack
from generators.target import LANGUAGES, Artifact, GenerationRequest, Kind, Language, Package
from generators.targets import all_targets
from migrations.package.release_state import Release, ReleaseState
from migrations.rehearsal.history import read_history
from schemas.errors import Problem
from schemas.model import Schema
from schemas.prisma.bridge import PrismaBridge
from schemas.versions import SchemaVersion

from ..artifacts.store import ArtifactStore, open_store
from ..catalogue import Catalogue, PublishedArtifact
from ..config.settings import Settings
from ..consumers.places import consumer_place
from ..errors import ReleaseError
from ..package_checks.npm_checks import NpmChecks
from ..publishers.publisher import Publisher
from ..trust.signing import SigningKey
from ..validation.kept_rehearsals import KeptRehearsal, RehearsalReport
from ..validation.published_versions import branches
from ..validation.rehearsal import server_folder
from ..validation.schema_loading import parsed_schema
from ..validation.version_check import VersionCheck, check_version, passed
from .snapshots.snapshot import Snapshot
from .work_ahead import WorkAhead


@dataclass(kw_only=True)
class ReleaseContext:
    """The services a release calls, and what it derives from its snapshot (again, after a resume).

    Deriving is pure, so a value that was lost with a killed process is derived again, byte for byte.
    """

    root: Path  # contains the private folder, for what a release keeps on this machine
    settings: Settings
    catalogue: Catalogue
    bridge: PrismaBridge
    publishers: dict[Kind, Publisher]
    rehearsal_url: str | None  # the [rehearsal] setting; None: an embedded server
    npm_checks: NpmChecks = field(default_factory=NpmChecks)
    signing_key: SigningKey | None = None  # None: the release isn't signed
    ahead: WorkAhead = field(default_factory=WorkAhead)
    #: Called before the first change that consumers could see, and maybe before others; it may refuse that.
    before_publishing: Callable[[], None] = lambda: None
    _places: ExitStack = field(default_factory=ExitStack)  # removes temporary folders at the end
    _schemas: dict[tuple[str, str], Schema] = field(default_factory=dict)  # parsed, by their texts
    _histories: dict[str, tuple[ReleaseState, ...]] = field(default_factory=dict)  # by input digest

    @property
    def store(self) -> ArtifactStore:
        return open_store(self.settings.artifacts, self.root)

    def consumer_folder(self) -> Path:
        """The folder of the consumers that artifacts are installed into; removed when the release ends."""
        return self.ahead.result("consumer folder", lambda: self._places.enter_context(consumer_place()))

    def remove_consumers(self) -> None:
        """Empty that folder."""
        for left in self.consumer_folder().iterdir():
            shutil.rmtree(left, ignore_errors=True)

    def end_work_ahead(self) -> None:
        """Wait for background work that no step of the finished release took, and remove its files."""
        self.ahead.end()
        self._places.close()

    def schema(self, snapshot: Snapshot) -> Schema:
        """The parsed schema, with its partial types. Raises InvalidSchemaError."""
        return self.parsed(snapshot.schema_text, snapshot.schema_file, snapshot.partial_types)

    def checked(self, snapshot: Snapshot) -> VersionCheck:
        """The result of the version's check, if it passes. Raises CheckFailedError with all problems."""
        return self.ahead.result(("check", repr(snapshot)), lambda: self._check(snapshot))

    def _check(self, snapshot: Snapshot) -> VersionCheck:
        check = check_version(
            snapshot.candidate,
            snapshot.before,
            self.bridge,
            published=self.catalogue.migrations(),
            branches=branches(self.catalogue.origins()),
        )
        # The later steps need not parse it again.
        self._schemas[snapshot.schema_text, snapshot.partial_types] = passed(check)
        return check

    def parsed(self, text: str, file: str, partial_types: str = "") -> Schema:
        """A schema with its valid partial types: the check step reports the others."""
        key = (text, partial_types)
        if key not in self._schemas:
            self._schemas[key] = parsed_schema(text, file, partial_types, self.bridge)
        return self._schemas[key]

    def packages(self, snapshot: Snapshot) -> tuple[Package, ...]:
        """The generated packages, one a target."""
        return tuple(self._package(snapshot, language) for language in LANGUAGES)

    def built(self, snapshot: Snapshot, language: Language) -> Artifact:
        """The package for ``language``, packed."""
        key = ("built", snapshot.input_digest, language)
        return self.ahead.result(
            key, lambda: pack(self._package(snapshot, language), with_sbom=snapshot.with_sbom)
        )

    def _package(self, snapshot: Snapshot, language: Language) -> Package:
        key = ("package", snapshot.input_digest, language)
        return self.ahead.result(key, lambda: self._generated(snapshot, language))

    def _generated(self, snapshot: Snapshot, language: Language) -> Package:
        """Only the migrations package contains results of the rehearsal: the others needn't wait for it."""
        history = self.history(snapshot) if language == "migrations" else ()
        request = generation_request(snapshot, self.schema(snapshot), history)
        target = next(each for each in all_targets(self.bridge) if each.language == language)
        return target.generate(request)

    def history(self, snapshot: Snapshot) -> tuple[ReleaseState, ...]:
        """What every version up to this one consists of: the rehearsal's result, or read again."""
        if snapshot.input_digest not in self._histories:
            self._histories[snapshot.input_digest] = rehearsed_history(
                snapshot, self.schema(snapshot), self.rehearsal_url, self.root
            )
        return self._histories[snapshot.input_digest]

    def remember_history(self, snapshot: Snapshot, history: tuple[ReleaseState, ...]) -> None:
        """Keep what was just rehearsed, so that :meth:`history` needn't read it again."""
        self._histories[snapshot.input_digest] = history

    def artifact(self, snapshot: Snapshot, packed: PublishedArtifact) -> Artifact:
        """The built file that ``packed`` describes: from the store, or built again if the store has lost it.

        Raises ReleaseError if building again gives other bytes, as after an upgrade of this tool.
        """
        content = self.store.get(packed.sha256)
        if content is None:
            content = self.built(snapshot, packed.language).content
            if self.store.put(content) != packed.sha256:
                raise ReleaseError(_built_differently(packed))
        return Artifact(
            language=packed.language,
            kind=packed.kind,
            name=packed.name,
            version=packed.version,
            filename=packed.filename,
            content=content,
        )


def _built_differently(packed: PublishedArtifact) -> Problem:
    return Problem(
        code="built-differently",
        message=f"building {packed.filename} again gave other bytes than when this release began",
        fix="finish the release with the version of schema-service that began it",
    )


def rehearsed_history(
    snapshot: Snapshot, schema: Schema, rehearsal_url: str | None, root: Path
) -> tuple[ReleaseState, ...]:
    """What every version up to the snapshot's consists of. ``root`` is the workspace. Raises what a rehearsal
    raises."""
    kept = KeptRehearsal(root, snapshot.rehearsed, rehearsal_url).find()
    if isinstance(kept, RehearsalReport):
        return kept.history
    this = Release(version=snapshot.version, schema_digest=schema.digest)
    return read_history(
        (*snapshot.migrations, *snapshot.beside),
        (*snapshot.releases, this),
        rehearsal_url,
        server_folder(root),
        snapshot.lines,
    )


def generation_request(
    snapshot: Snapshot, schema: Schema, history: tuple[ReleaseState, ...]
) -> GenerationRequest:
    """The input of the code generators for this snapshot. A draft is called by its number throughout."""
    declared = {release.version: release.compatible_from for release in snapshot.releases}
    declared[snapshot.version] = snapshot.compatible_from

    def called(version: SchemaVersion) -> SchemaVersion:
        return snapshot.package_version if version == snapshot.version else version

    return GenerationRequest(
        schema_name=snapshot.schema_name,
        version=snapshot.package_version,
        description=snapshot.description,
        author=snapshot.author,
        schema=schema,
        migrations=tuple(
            replace(each, version=called(each.version)) for each in (*snapshot.migrations, *snapshot.beside)
        ),
        lines=tuple(replace(each, version=called(each.version)) for each in snapshot.lines),
        names=snapshot.names,
        history=tuple(replace(each, version=called(each.version)) for each in history),
        compatible_from={
            called(newer): called(older) for newer, older in declared.items() if older is not None
        },
        changelog=snapshot.carried_changelog,
    )
