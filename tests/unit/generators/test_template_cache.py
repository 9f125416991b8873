"""Templates are compiled once per machine; a cache that is damaged or can't be written changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from generators.rendering.template_cache import TemplateCache
from schemas.prisma.toolchain import CACHE_VARIABLE


def _rendered(text: str, options: bytes = b"") -> tuple[str, bool]:
    """What the template gives, and whether it had to be compiled."""
    compiled = []

    class Compiling(Environment):
        def compile(self, *arguments: object, **named: object) -> object:  # type: ignore[override]
            compiled.append(arguments)
            return super().compile(*arguments, **named)  # type: ignore[call-overload]

    templates = Compiling(loader=DictLoader({"t": text}), bytecode_cache=TemplateCache(options))
    return templates.get_template("t").render(name="x"), bool(compiled)


def test_a_template_is_compiled_again_if_it_or_an_option_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert _rendered("a {{ name }}") == ("a x", True)
    assert _rendered("a {{ name }}") == ("a x", False)
    assert _rendered("b {{ name }}") == ("b x", True)
    assert _rendered("a {{ name }}", b"other") == ("a x", True)


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"\0" * 32 + b"c"])
def test_a_damaged_file_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    _rendered("{{ name }}")
    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    file.write_bytes(damage)
    assert _rendered("{{ name }}") == ("x", True)
    assert _rendered("{{ name }}") == ("x", False)


def test_a_cache_that_can_t_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "templates").write_bytes(b"a file, where the folder would be")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    for _ in range(2):
        assert _rendered("{{ name }}") == ("x", True)
