"""What a database's schema consists of, and its digest: read by the runner's own reader."""

from __future__ import annotations

from .runner.verification.fingerprint import fingerprint, read_objects

__all__ = ["fingerprint", "read_objects"]
