"""Identifiers that Prisma's clients generate themselves: the database has no default for them.

Formats: RFC 9562 (uuid 4 and 7), https://github.com/paralleldrive/cuid (1) and cuid2 (2),
https://github.com/ai/nanoid, https://github.com/ulid/spec.
"""

from __future__ import annotations

import itertools
import os
import secrets
import string
import time
import uuid

_BASE36 = string.digits + string.ascii_lowercase
_NANOID = string.ascii_letters + string.digits + "_-"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CUID_COUNTER = itertools.count(secrets.randbelow(36**4))


def uuid4() -> str:
    """A random UUID."""
    return str(uuid.uuid4())


def uuid7() -> str:
    """A UUID that begins with the time in milliseconds, so that later ones sort after earlier ones."""
    value = (_milliseconds() & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return str(uuid.UUID(int=value))


def cuid1() -> str:
    """25 characters: ``c``, time, counter, process and eight random ones."""
    count = next(_CUID_COUNTER) % 36**4
    return f"c{_base36(_milliseconds(), 8)}{_base36(count, 4)}{_process_mark()}{_random(_BASE36, 8)}"


def cuid2() -> str:
    """24 random characters, the first a letter."""
    return secrets.choice(string.ascii_lowercase) + _random(_BASE36, 23)


def nanoid(length: int = 21) -> str:
    """``length`` random characters that need no escape in a URL."""
    return _random(_NANOID, length)


def ulid() -> str:
    """26 characters of Crockford's base 32: 48 bits of time, 80 random ones."""
    value = (_milliseconds() & 0xFFFF_FFFF_FFFF) << 80 | secrets.randbits(80)
    return "".join(_CROCKFORD[value >> shift & 31] for shift in range(125, -1, -5))


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))


def _base36(number: int, width: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _BASE36[digit] + digits
    return digits.rjust(width, "0")[-width:]


def _process_mark() -> str:
    # Looked up each time: a forked child must not share its parent's mark.
    return _base36(os.getpid(), 2) + _base36(uuid.getnode(), 2)
