"""What the documentation says of a problem's code.

Each room declares its codes in its own ``problem_codes.py``. `make docs` writes the pages in docs/problems
from them, and a test compares them with what the code raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Example:
    """A problem as a user may see it.

    ``place`` is ``file:line:column``, as far as it is known. ``code`` is only needed below a code with ``*``.
    """

    message: str
    fix: str
    place: str = ""
    severity: Literal["error", "warning"] = "error"
    code: str = ""


class ProblemCode:
    """One code, what it means, and an example of each message that it comes with.

    A code that ends in ``*`` stands for all codes that begin like it.
    """

    def __init__(self, code: str, meaning: str, *examples: Example) -> None:
        self.code = code
        self.meaning = meaning
        self.examples = examples
