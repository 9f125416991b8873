"""A schema of some seventy models, and the release after it."""

from __future__ import annotations

MODELS = 70
_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n\nenum Status {\n  DRAFT\n  LIVE\n  GONE\n}\n'
_EVERY = 7


def large_schema(*, newer: bool) -> str:
    """Each model refers to one before it. The newer release adds columns, indexes and two models."""
    models = [_model(number, newer=newer) for number in range(MODELS + (2 if newer else 0))]
    return "\n".join([_HEAD, *models])


def _model(number: int, *, newer: bool) -> str:
    parent = number // 2
    children = [
        child for child in (2 * number, 2 * number + 1) if number < child < MODELS + (2 if newer else 0)
    ]
    lines = [
        f"model Model{number} {{",
        "  id        Int      @id @default(autoincrement())",
        "  name      String   @unique",
        "  status    Status   @default(DRAFT)",
        "  amount    Decimal  @default(0) @db.Decimal(10, 2)",
        "  tags      String[]",
        "  data      Json?",
        "  createdAt DateTime @default(now())",
    ]
    if number != parent:
        lines.append("  parentId  Int")
        lines.append(
            f'  parent    Model{parent} @relation("r{number}", fields: [parentId], references: [id])'
        )
    lines += [f'  of{child}  Model{child}[] @relation("r{child}")' for child in children]
    if newer and number % _EVERY == 0:
        lines.append("  note      String?")
    if newer and number % _EVERY == 1:
        lines.append("  @@index([status, createdAt])")
    return "\n".join([*lines, "}\n"])
