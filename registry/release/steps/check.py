"""check: the version has no problems, and all registries take its packages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

from generators.target import Kind
from schemas.errors import ExitCode, ServiceError

from ...errors import ReleaseError
from ...publishers.ownership import foreign_package
from ...publishers.publisher import Publisher
from ..context import ReleaseContext
from ..early_packages import begin_early_packages
from ..snapshots.snapshot import Snapshot
from ..step import StepResult, StepResults
from .rehearse import begin_rehearsal


def run(context: ReleaseContext, snapshot: Snapshot, _results: StepResults) -> StepResult:
    """Raises CheckFailedError, CredentialsError or ReleaseError (for a package of somebody else), whichever
    is found first, with the problems of all of them; else RegistryUnreachableError."""
    registries = {
        ("registry", kind, place): partial(_check_registry, context, snapshot, kind, each)
        for kind, publisher in context.publishers.items()
        for place, each in enumerate(publisher.registries)
    }
    for key, check in registries.items():
        context.ahead.begin(key, check)
    begin_rehearsal(context, snapshot)
    errors = [_failure(lambda: context.checked(snapshot))]
    if errors == [None]:
        begin_early_packages(context, snapshot)
    errors += [_failure(partial(context.ahead.result, key, check)) for key, check in registries.items()]
    _raise_all([error for error in errors if error is not None])
    schema = context.schema(snapshot)
    return {
        "summary": f"{len(schema.models)} models, {len(schema.enums)} enums; {_all(registries)} answer",
        "schema_digest": schema.digest,
    }


def _all(registries: Collection[object]) -> str:
    return "both registries" if len(registries) == 2 else f"all {len(registries)} registries"


def _check_registry(context: ReleaseContext, snapshot: Snapshot, kind: Kind, publisher: Publisher) -> None:
    """Access first: a registry may tell strangers that it has no such package."""
    names = snapshot.names.of_kind(kind)
    publisher.check_access(names[0])
    problems = [
        foreign_package(publisher, name, snapshot.schema_name, context.catalogue.package_versions(name))
        for name in names
    ]
    if found := [problem for problem in problems if problem is not None]:
        raise ReleaseError(*found)


def _failure(work: Callable[[], object]) -> ServiceError | None:
    try:
        work()
    except ServiceError as error:
        return error
    return None


def _raise_all(errors: Sequence[ServiceError]) -> None:
    """All that the user has to fix; a registry that doesn't answer only where there is nothing of that."""
    chosen = [error for error in errors if error.exit_code != ExitCode.SERVICE] or errors
    if chosen:
        raise type(chosen[0])(*(problem for error in chosen for problem in error.problems))
