"""Every published version with what was said of it: read in a few queries, however many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generators.target import Language
from schemas.errors import Problem
from schemas.version_ranges import VersionRange, version_or_range
from schemas.versions import SchemaVersion
from schemas.workspace.lines import Origin, bases_of

from ...catalogue import Catalogue, Correction, VersionSummary
from ...errors import NotPublishedError

LATEST = "latest"
_NEAR = 3


@dataclass(frozen=True, slots=True)
class Resolved:
    """A published version. ``is_exact``: the request names it, and not what stands for it now."""

    version: SchemaVersion
    is_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedVersion:
    """A version. ``description`` is the last correction of it; ``withdrawn`` why nobody should use it;
    ``follows`` the version whose migrations come before its own."""

    summary: VersionSummary
    description: str
    follows: SchemaVersion | None
    origin: Origin
    withdrawn: str | None
    is_staged: bool
    is_signed: bool
    corrections: tuple[Correction, ...]

    @property
    def version(self) -> SchemaVersion:
        return self.summary.version

    @property
    def is_visible(self) -> bool:
        """Whether consumers may get it unasked."""
        return self.withdrawn is None and not self.is_staged


@dataclass(frozen=True)
class VersionIndex:
    """``versions`` are by number, oldest first; ``latest`` may be one that another machine published.
    ``package_names`` are those that packages ever had, with the language that each is for."""

    schema_name: str
    latest: SchemaVersion | None
    versions: Mapping[SchemaVersion, IndexedVersion]
    package_names: Mapping[str, Language] = field(default_factory=dict)
    _resolved: dict[str, Resolved] = field(default_factory=dict)

    @classmethod
    def of(cls, catalogue: Catalogue) -> VersionIndex:
        """As ``catalogue`` is now. Raises CatalogueError."""
        origins, latest = catalogue.origins(), catalogue.latest()
        withdrawn, staged = catalogue.events.withdrawn(), catalogue.staged.all()
        signed = catalogue.trust.attested()
        corrections: dict[SchemaVersion, list[Correction]] = {}
        for each in catalogue.corrections.all():
            corrections.setdefault(each.version, []).append(each)
        bases = bases_of(origins)
        versions = {}
        for summary in catalogue.summaries():
            version = summary.version
            made = tuple(sorted(corrections.get(version, ()), key=lambda each: each.number))
            texts = {each.what: each.text for each in made}  # the last one of each counts
            versions[version] = IndexedVersion(
                summary=summary,
                description=texts.get("description", summary.description),
                follows=bases.get(version),
                origin=origins.get(version, Origin()),
                withdrawn=withdrawn.get(version),
                is_staged=version in staged,
                is_signed=version in signed,
                corrections=made,
            )
        return cls(catalogue.schema_name, latest, versions, catalogue.packages.names())

    @cached_property
    def newest_first(self) -> tuple[IndexedVersion, ...]:
        return tuple(self.versions.values())[::-1]

    @cached_property
    def visible(self) -> tuple[SchemaVersion, ...]:
        """Those that consumers may get unasked, oldest first."""
        return tuple(each.version for each in self.versions.values() if each.is_visible)

    def resolve(self, text: str) -> Resolved:
        """The version that ``text`` names: a number, `latest`, or a range, of which npm's choice is taken.

        Raises InvalidVersionError for what is none of these, and NotPublishedError.
        """
        known = self._resolved.get(text)
        if known is None:
            known = self._find(text)
            if known.is_exact:  # as many as there are versions: others may be asked for without end
                self._resolved[text] = known
        return known

    def _find(self, text: str) -> Resolved:
        if text == LATEST:
            if self.latest is None or self.latest not in self.versions:
                raise NotPublishedError(self._absent(str(self.latest or LATEST)))
            return Resolved(self.latest, is_exact=False)
        wanted = version_or_range(text)
        if isinstance(wanted, VersionRange):
            best = wanted.best(self.visible, self.latest)
            if best is None:
                raise NotPublishedError(self._absent(text, wanted.lowest))
            return Resolved(best, is_exact=False)
        if wanted not in self.versions:
            raise NotPublishedError(self._absent(text, wanted))
        return Resolved(wanted, is_exact=True)

    def _absent(self, text: str, wanted: SchemaVersion | None = None) -> Problem:
        if self.latest is None:
            fix = "nothing is published yet"
        else:
            near = self._near(wanted) if wanted else ()
            named = f"near it: {', '.join(map(str, near))}; " if near else ""
            fix = f"{named}latest is {self.latest}; GET /versions lists all"
        return Problem(code="not-published", message=f"{text[:80]} is not published", fix=fix)

    def _near(self, wanted: SchemaVersion) -> tuple[SchemaVersion, ...]:
        """Some around ``wanted``: those of the same line before others."""
        below = [each for each in self.visible if each < wanted][-_NEAR:]
        above = [each for each in self.visible if each > wanted][:_NEAR]
        around = [*reversed(below), *above]
        around.sort(key=lambda each: (each.major != wanted.major, each.minor != wanted.minor))
        return tuple(sorted(around[:_NEAR]))
