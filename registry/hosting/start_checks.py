"""What of a service's settings can't work, told when it starts, and not by the first request that needs it.

What can't work on this machine is an error. What the service does without, or gets later, is a warning: a
variable that is not set, an issuer or a bucket that doesn't answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from threading import Thread

from schemas.errors import Problem, ServiceError

from ..api.oidc.issuer_keys import IssuerKeys
from ..artifacts.store import check_store
from ..catalogue.engine import state_url
from ..databases.database import check_address
from ..databases.registered import registered_databases
from ..notify.sending import require_channels
from ..publishers.opening import require_registries
from ..release_jobs.checkout import check_checkout
from ..trust.private_key import release_key
from .hosted import HostedSchema
from .limits import limit_warnings

_Check = Callable[[], object]
_ANSWER_SECONDS = 6.0


def start_problems(schemas: Sequence[HostedSchema]) -> tuple[Problem, ...]:
    """Every problem of each of them, errors first."""
    found: list[Problem] = []
    for hosted in schemas:
        problems = [*_of_all(_needed(hosted)), *_warnings(schemas, hosted)]
        found += problems if len(schemas) == 1 else [_named(hosted, problem) for problem in problems]
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))


def _needed(hosted: HostedSchema) -> Iterator[_Check]:
    settings, root = hosted.settings, hosted.workspace.root
    yield partial(state_url, settings.state.url, root)
    yield partial(require_registries, settings)
    yield partial(check_checkout, settings.publishing, root)
    if settings.artifacts.is_folder:
        yield partial(check_store, settings.artifacts, root)


def _later(hosted: HostedSchema) -> Iterator[_Check]:
    settings, root = hosted.settings, hosted.workspace.root
    yield lambda: settings.rehearsal.url
    yield partial(require_channels, settings.notify, settings.notify.channels)
    yield partial(release_key, root, settings.trust)
    for database in registered_databases(settings):
        yield partial(check_address, database)


def _elsewhere(hosted: HostedSchema) -> Iterator[_Check]:
    settings, root = hosted.settings, hosted.workspace.root
    for table in settings.api.trusted.values():
        yield IssuerKeys(table).check
    if not settings.artifacts.is_folder:
        yield partial(check_store, settings.artifacts, root)


def _warnings(schemas: Sequence[HostedSchema], hosted: HostedSchema) -> Iterator[Problem]:
    found = [*_of_all(_later(hosted)), *_of_all_at_once(_elsewhere(hosted))]
    for name, table in hosted.settings.api.trusted.items():
        odd = limit_warnings(schemas, hosted.name, table.schemas or (), table.labels or ())
        found += [replace(each, message=f"[api.trusted.{name}]: {each.message}") for each in odd]
    for problem in found:
        yield replace(problem, severity="warning")


def _of_all(checks: Iterator[_Check]) -> Iterator[Problem]:
    for check in checks:
        try:
            check()
        except ServiceError as error:
            yield from error.problems


def _of_all_at_once(checks: Iterator[_Check]) -> list[Problem]:
    """Of what is asked over the network: who hasn't answered in some seconds is not waited for."""
    found: list[Problem] = []

    def ask(check: _Check) -> None:
        found.extend(_of_all(iter((check,))))

    threads = [Thread(target=ask, args=(check,), daemon=True) for check in checks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_ANSWER_SECONDS)
    return list(found)


def _named(hosted: HostedSchema, problem: Problem) -> Problem:
    return replace(problem, message=f"the schema {hosted.name}: {problem.message}")
