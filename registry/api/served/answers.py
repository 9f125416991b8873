"""Answers as they were sent, for whoever asks the same while nothing that is published changes."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from starlette.types import Scope

from .document import Document
from .recent import Recent

_NOTED: Final = "schema_service.documents"
#: What an answer weighs besides its document: its headers and its key.
_OVERHEAD_BYTES = 2048
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers`` are those of a whole document; ``route`` is for whoever counts requests by route."""

    document: Document
    headers: Headers
    route: Any


Answers = Recent[Answer]
Noted = list[tuple[Answers, Document]]


def note_document(scope: Scope, answers: Answers, document: Document) -> None:
    """That the request is answered with ``document``, for as long as ``answers`` are true."""
    noted: Noted | None = scope.get(_NOTED)
    if noted is not None:
        noted.append((answers, document))


def noted_documents(scope: Scope) -> Noted:
    """Where :func:`note_document` notes what the request is answered with."""
    noted: Noted = []
    scope[_NOTED] = noted
    return noted


def keep_answers(noted: Noted, key: Hashable, headers: Headers, route: object) -> None:
    """What was noted, to be found by ``key``."""
    for answers, document in noted:
        answer = Answer(document, list(headers), route)
        answers.keep(key, answer, document.size + _OVERHEAD_BYTES)
