"""pip's settings, read from its files and variables as pip reads them.

Asking pip itself takes longer than all that a release then installs. Rules: "Configuration" in pip's user
guide; a test holds the result to what ``pip config list`` says.
"""

from __future__ import annotations

import configparser
import locale
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs

_FILE = "pip.ini" if sys.platform == "win32" else "pip.conf"
#: Later ones win: a variable over the section of ``pip install``, and that over ``[global]``.
_SECTIONS = ("global", "install")


def pip_settings() -> dict[str, str]:
    """By name, as ``index-url``; empty where a file can't be read, as pip refuses to work with it."""
    values: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    try:
        for file in _files():
            parser = configparser.RawConfigParser()
            parser.read(file, encoding=locale.getpreferredencoding(False))
            for section in filter(parser.has_section, _SECTIONS):
                values[section] |= {_name(key): value for key, value in parser.items(section)}
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    return {name: value for section in _SECTIONS for name, value in values[section].items()} | _variables()


def _variables() -> dict[str, str]:
    return {
        _name(name.removeprefix("PIP_")): value
        for name, value in os.environ.items()
        if name.startswith("PIP_")
    }


def _name(key: str) -> str:
    return key.lower().replace("_", "-").removeprefix("--")


def _files() -> Iterator[Path]:
    """Those of the machine, of the user, of this environment, and the one that a variable names."""
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    yield from (folder / _FILE for folder in _machine_folders())
    if not (named and Path(named).exists()):
        yield Path.home() / ("pip" if sys.platform == "win32" else ".pip") / _FILE
        yield _user_folder() / _FILE
    yield Path(sys.prefix) / _FILE
    if named:
        yield Path(named)


def _machine_folders() -> list[Path]:
    if sys.platform == "darwin":
        return [Path(platformdirs.site_data_dir("pip", appauthor=False, multipath=True))]
    if sys.platform == "win32":
        return [Path(platformdirs.site_config_dir("pip", appauthor=False))]
    listed = platformdirs.site_config_dir("pip", appauthor=False, multipath=True)
    return [*map(Path, listed.split(os.pathsep)), Path("/etc")]


def _user_folder() -> Path:
    if sys.platform == "darwin":
        folder = platformdirs.user_data_path("pip", appauthor=False, roaming=True)
        return folder if folder.is_dir() else Path.home() / ".config" / "pip"
    return platformdirs.user_config_path("pip", appauthor=False, roaming=True)
