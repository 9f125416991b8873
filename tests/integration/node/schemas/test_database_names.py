"""Names that Prisma's engine would write into SQL unescaped never get that far."""

from __future__ import annotations

import pytest

from schemas.errors import InvalidSchemaError
from schemas.prisma.bridge import PrismaBridge

_HEAD = 'datasource db {\n  provider = "postgresql"\n}\n'
_INJECTION = 'x\\" (a int); DROP TABLE users; --'


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (f'model A {{\n  id Int @id\n  @@map("{_INJECTION}")\n}}\n', 6, 9),
        (f'model A {{\n  id Int @id @map("{_INJECTION}")\n}}\n', 5, 19),
        (f'model A {{\n  id Int @id(map: "{_INJECTION}")\n}}\n', 5, 19),
        (f'model A {{\n  id Int @id\n  b Int\n  @@index([b], map: "{_INJECTION}")\n}}\n', 7, 21),
        (f'model A {{\n  id Int @id\n  b Int\n  @@index([b], name: "{_INJECTION}")\n}}\n', 7, 22),
        (f'model A {{\n  id Int @id\n  @@map(name: "{_INJECTION}")\n}}\n', 6, 15),
        ('model A {\n  id Int @id @map("a\\u0000b")\n}\n', 5, 19),
        ('model A {\n  id Int @id @map("a\\nb")\n}\n', 5, 19),
        (f'enum E {{\n  A\n  @@map("{_INJECTION}")\n}}\n', 6, 9),
        ('enum E {\n  A @map("it\'s")\n}\n', 5, 10),
        (
            'model A {\n  id Int @id\n  bs B[] @relation("r\\"x")\n}\n'
            'model B {\n  id Int @id\n  as A[] @relation("r\\"x")\n}\n',
            6,
            20,
        ),
    ],
)
def test_they_are_refused_with_their_place(bridge: PrismaBridge, text: str, line: int, column: int) -> None:
    for call in (bridge.validate, bridge.parse, lambda schema: bridge.diff(None, schema)):
        with pytest.raises(InvalidSchemaError) as caught:
            call(_HEAD + text)
        problem = caught.value.problems[0]
        assert (problem.code, problem.line, problem.column) == ("database-name", line, column)


def test_a_schema_of_the_datasource_is_refused_too(bridge: PrismaBridge) -> None:
    head = 'datasource db {\n  provider = "postgresql"\n  schemas = ["a\\"b"]\n}\n'
    with pytest.raises(InvalidSchemaError) as caught:
        bridge.diff(None, head + 'model A {\n  id Int @id\n  @@schema("a\\"b")\n}\n')
    assert [problem.line for problem in caught.value.problems] == [3, 7]


def test_other_odd_names_and_texts_are_fine(bridge: PrismaBridge) -> None:
    text = (
        'model A {\n  id Int @id @map("it\'s; -- %s $1")\n  b String @default("\\"; DROP TABLE x; --\\n")\n'
        '  e E @default(X)\n  @@map("ä b")\n}\nenum E {\n  X @map("say \\"x\\"")\n}\n'
    )
    assert bridge.parse(_HEAD + text).models[0].table == "ä b"
