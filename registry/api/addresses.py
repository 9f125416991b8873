"""Where things are in this API, which may be below the name of its schema."""

from __future__ import annotations

from fastapi import Request


def below(request: Request, path: str) -> str:
    """``path`` as the client has to ask for it."""
    return f"{request.scope.get('root_path', '')}{path}"
