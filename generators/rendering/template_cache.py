"""Keeps compiled templates in the user's cache: compiling them takes a tenth of a release's own work."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import marshal
import os
import tempfile
from pathlib import Path

import jinja2
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from schemas.prisma.toolchain import cache_folder

_DIGEST_BYTES = 32


class TemplateCache(BytecodeCache):
    """One file for each template, used for as long as its text, Jinja and Python stay the same.

    ``options`` is whatever else the compiled code depends on. A file that is missing, damaged or can't be
    written means that the template is compiled, and nothing else. Like Python's own bytecode, the files are
    trusted as their owner's.
    """

    def __init__(self, options: bytes) -> None:
        parts = (jinja2.__version__.encode(), importlib.util.MAGIC_NUMBER, options)
        digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
        self._folder = cache_folder().absolute() / "templates" / digest[:16]

    def load_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            content = self._file(bucket).read_bytes()
            if hashlib.sha256(content[_DIGEST_BYTES:]).digest() == content[:_DIGEST_BYTES]:
                bucket.code = marshal.loads(content[_DIGEST_BYTES:])  # noqa: S302 - see above

    def dump_bytecode(self, bucket: Bucket) -> None:
        code = marshal.dumps(bucket.code)
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(code).digest() + code)
                Path(partial).replace(self._file(bucket))
            except BaseException:
                Path(partial).unlink(missing_ok=True)
                raise

    def _file(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}-{bucket.checksum}"
