"""All rewrites of a script, in the order in which they depend on each other."""

from __future__ import annotations

from collections.abc import Sequence

from .context import Context
from .engine_script import corrected
from .ordering.before_renames import built_first, validated_first
from .ordering.known_objects import KnownObjects
from .ordering.order import in_safe_order
from .ordering.referenced_keys import free_referenced_keys
from .rewrites.constraints import validate_later
from .rewrites.enum_shrinks import swap_late, take_swaps
from .rewrites.enum_values import add_values_first
from .rewrites.indexes import build_concurrently
from .rewrites.prerequisites import create_first
from .rewrites.primary_keys import build_primary_keys, keep_primary_keys
from .rewrites.required import require_in_steps
from .rewrites.restored_rows import restore_rows
from .rewrites.retypes import keep_values
from .rewrites.sequences import fix_sequences
from .script import DraftStatement, read_script


def rewritten(
    engine_sql: str,
    context: Context,
    renames: Sequence[DraftStatement] = (),
    known: KnownObjects | None = None,
    unseen: Sequence[DraftStatement] = (),
    *,
    made: tuple[Sequence[DraftStatement], Sequence[DraftStatement]] = ((), ()),
) -> list[DraftStatement]:
    """``renames``, then the engine's statements, made safe for existing rows and other sessions.

    ``known`` has the objects of the schema before, after the renames; None where one side is empty.
    ``unseen`` are statements that the engine leaves out. ``made`` are those that make the schema before,
    after the renames, and the one afterwards.
    """
    swaps, statements = take_swaps(read_script(corrected(engine_sql)))
    statements = fix_sequences([*statements, *unseen], context)
    statements = keep_values(statements, context)
    statements = keep_primary_keys(statements, context)
    statements = swap_late(swaps, statements, context)
    statements = add_values_first(statements, context)
    statements = require_in_steps(statements, context)
    statements = build_primary_keys(statements, context.partitioned)
    statements = build_concurrently(statements, context.partitioned)
    statements = free_referenced_keys(statements, *made)
    statements = validate_later(statements, context.partitioned)
    statements = restore_rows(statements, context)
    early: list[DraftStatement] = []
    if known is not None:
        built, statements = built_first(in_safe_order(statements, known), renames)
        validated, statements = validated_first(statements, renames, known)
        early = [*built, *validated]
    return create_first([*early, *renames, *statements], context)
