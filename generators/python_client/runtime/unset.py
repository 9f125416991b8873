"""The default of an argument that may be left out but has one type, without ``| None``."""

from __future__ import annotations

from typing import Any

#: None, at run time. Checkers name the wrong key of a dict, at its place, only where the dict can be of one
#: type: of a union, or of an overload, they show all types instead.
UNSET: Any = None
