"""What the documentation says of a problem's code.

Each room declares its codes in its own ``problem_codes.py``; the pages in docs/problems are made from them, and
a test holds them equal to what the code raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Example:
    """A problem as somebody could meet it. ``place`` is ``file:line:column``, as far as one is known."""

    message: str
    fix: str
    place: str = ""
    severity: Literal["error", "warning"] = "error"


class ProblemCode:
    """One code: what it means, and an example of each text that it comes with.

    A code that ends in ``*`` stands for all codes with this beginning.
    """

    def __init__(self, code: str, meaning: str, *examples: Example) -> None:
        self.code = code
        self.meaning = meaning
        self.examples = examples
