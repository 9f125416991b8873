"""The types of conditions, orders, groups and changes, for type checkers and editors; nothing here runs."""

# ruff: noqa: F403 - the types of a client find all of them here
from .aggregates import *
from .lists import *
from .orders import *
from .scalars import *
from .updates import *
