"""The codes of this room's problems, and of its commands, by subject."""

from typing import Final

from .commands import COMMANDS_CODES
from .databases import DATABASES_CODES
from .registries import REGISTRIES_CODES
from .releases import RELEASES_CODES
from .settings import SETTINGS_CODES
from .state import STATE_CODES

REGISTRY_CODES: Final = (
    *COMMANDS_CODES,
    *DATABASES_CODES,
    *REGISTRIES_CODES,
    *RELEASES_CODES,
    *SETTINGS_CODES,
    *STATE_CODES,
)
