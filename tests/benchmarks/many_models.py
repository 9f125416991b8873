"""A schema of any number of models, each as large as a real one's, and related as real ones are."""

from __future__ import annotations

_MODEL = """
model Model{number} {{
  id       Int      @id @default(autoincrement())
  email    String   @unique
  name     String?
  count    Int
  total    BigInt?
  price    Decimal
  made     DateTime @default(now())
  changed  DateTime @updatedAt
  settings Json?
  active   Boolean
  kind     Kind
  tags     String[]
{relations}
  @@unique([count, name])
}}
"""
_HEAD = """
datasource db {
  provider = "postgresql"
}

enum Kind {
  OLD
  NEW
}
"""


def schema_of(models: int) -> str:
    """The schema's text: every model has one parent, and most have a child."""
    parents = {number: (number * 7 + 1) % models for number in range(models)}
    return _HEAD + "".join(
        _MODEL.format(number=number, relations=_relations(number, parents)) for number in range(models)
    )


def _relations(number: int, parents: dict[int, int]) -> str:
    parent = parents[number]
    lines = [
        "parentId Int?",
        f'parent Model{parent}? @relation("of{number}", fields: [parentId], references: [id])',
        *(
            f'children{child} Model{child}[] @relation("of{child}")'
            for child, of in parents.items()
            if of == number
        ),
    ]
    return "".join(f"  {line}\n" for line in lines)
