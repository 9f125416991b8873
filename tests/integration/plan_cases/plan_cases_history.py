"""What earlier migrations made by hand, and Prisma has no word for."""

from __future__ import annotations

from .plan_case import Case, t, u

_E = "enum E {\n  A\n  B\n  C\n}\n"
_FKEY = (
    "SELECT condeferrable AND condeferred, confrelid::regclass::text FROM pg_constraint "
    "WHERE contype = 'f' AND conrelid = '\"T\"'::regclass"
)


_REFERENCE = """
ALTER TABLE "T" DROP CONSTRAINT "T_uId_fkey";
ALTER TABLE "T" ADD CONSTRAINT "T_uId_fkey" FOREIGN KEY ("uId") REFERENCES "U" (id)
    ON DELETE RESTRICT ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
"""
HISTORY = [
    Case(
        name="autoincrement comes back where its sequence was left",
        before=t("  a Int?"),
        after=t("  a Int?").replace("@id", "@id @default(autoincrement())"),
        made='CREATE SEQUENCE "T_id_seq" AS INTEGER OWNED BY "T".id;',
        rows=('INSERT INTO "T" VALUES (40), (41)',),
        up=(('INSERT INTO "T" DEFAULT VALUES RETURNING id', [(42,)]),),
    ),
    Case(
        name="table goes with everything that was made of it by hand",
        before=t(
            "",
            u(
                "  a String\n  b Int\n  e E",
            )
            + _E,
        ),
        after=t("", _E),
        made="""
ALTER TABLE "U" ADD CONSTRAINT "U_a_key" UNIQUE (a) DEFERRABLE;
ALTER TABLE "U" ADD UNIQUE (b), ADD CHECK (b > 0), ADD CONSTRAINT some_e CHECK (e <> 'C');
CREATE INDEX ON "U" (lower(a)) WHERE b > 5;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watch BEFORE UPDATE OF a ON "U" FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE "U" ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON "U" FOR SELECT USING (b > 1);
""",
        asked=("U",),
        toml='[accept_loss]\n"U" = "unused"\n',
    ),
    Case(
        name="table goes whose unique field is a constraint under its own name",
        before=t("", u("  a String @unique")),
        after=t(""),
        made='DROP INDEX "U_a_key";\nALTER TABLE "U" ADD CONSTRAINT "U_a_key" UNIQUE (a) DEFERRABLE;\n',
        asked=("U",),
        toml='[accept_loss]\n"U" = "unused"\n',
    ),
    Case(
        name="unique field that is a constraint is one no longer",
        before=t("  a String @unique\n  b Int"),
        after=t("  a String\n  b Int"),
        made='DROP INDEX "T_a_key";\nALTER TABLE "T" ADD CONSTRAINT "T_a_key" UNIQUE (a);\n',
        rows=("""INSERT INTO "T" VALUES (1, 'a', 2)""",),
        up=(
            ("""INSERT INTO "T" VALUES (2, 'a', 3) RETURNING id""", [(2,)]),
            ('DELETE FROM "T" RETURNING 1', [(1,)] * 2),
        ),
    ),
    Case(
        name="field goes with a check, an index and a constraint",
        before=t("  a String\n  b Int?"),
        after=t("  a String"),
        made="""
ALTER TABLE "T" ADD CONSTRAINT positive CHECK (b > 0), ADD CONSTRAINT once UNIQUE (b, a);
CREATE INDEX by_b ON "T" (b DESC) WHERE b > 3;
""",
        rows=("""INSERT INTO "T" VALUES (1, 'a', 2)""",),
        asked=("T.b",),
        toml='[accept_loss]\n"T.b" = "unused"\n',
    ),
    Case(
        name="deferrable foreign key stays so while the key changes its type and the models their names",
        before=t("  uId Int\n  u U @relation(fields: [uId], references: [id])", u("  ts T[]")),
        after="model T {\n  id Int @id\n  uId BigInt\n  u V @relation(fields: [uId], references: [id])\n}\n"
        "model V {\n  id BigInt @id\n  ts T[]\n}\n",
        made=_REFERENCE,
        rows=('INSERT INTO "U" VALUES (1)', 'INSERT INTO "T" VALUES (1, 1)'),
        asked=("U",),
        toml='[renames]\n"U" = "V"\n',
        up=((_FKEY, [(True, '"V"')]),),
        down=((_FKEY, [(True, '"U"')]),),
    ),
    Case(
        name="type changes under views, a trigger, a policy and a generated column",
        before=t("  a Int\n  s String"),
        after=t("  a BigInt\n  s String"),
        made="""
CREATE VIEW v AS SELECT id, a + 1 AS more FROM "T" WHERE a > 0;
CREATE MATERIALIZED VIEW m AS SELECT v.id, more FROM v;
CREATE UNIQUE INDEX m_id ON m (id);
GRANT SELECT ON v TO PUBLIC;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watch BEFORE UPDATE OF a ON "T" FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION f();
ALTER TABLE "T" ADD COLUMN twice bigint GENERATED ALWAYS AS (a * 2) STORED;
CREATE INDEX by_twice ON "T" (twice);
CREATE POLICY visible ON "T" FOR SELECT USING (a > 1);
""",
        rows=("""INSERT INTO "T" VALUES (1, 4, 's')""",),
        up=(
            ("SELECT more, pg_typeof(more)::text FROM v", [(5, "bigint")]),
            ("SELECT id, more FROM m", [(1, 5)]),
            ('SELECT twice FROM "T"', [(8,)]),
            (
                "SELECT indexname FROM pg_indexes WHERE indexname = ANY('{m_id,by_twice}') ORDER BY 1",
                [("by_twice",), ("m_id",)],
            ),
            ("SELECT tgname FROM pg_trigger WHERE tgname = 'watch'", [("watch",)]),
            ("SELECT polname FROM pg_policy", [("visible",)]),
            ("SELECT has_table_privilege('public', 'v', 'SELECT')", [(True,)]),
        ),
    ),
    Case(
        name="enum shrinks that a check, a partial index and a view name",
        before=t("  e E\n  a Int", _E),
        after=t("  e E\n  a Int", "enum E {\n  A\n  B\n}\n"),
        made="""
ALTER TABLE "T" ADD CONSTRAINT some_e CHECK (e = ANY ('{A,B}'::"E"[]) OR a > 1);
CREATE INDEX some_a ON "T" (a) WHERE e = 'A';
CREATE VIEW v AS SELECT t.id FROM "T" AS t WHERE t.e <> 'B';
""",
        rows=("""INSERT INTO "T" VALUES (1, 'A', 0)""",),
        asked=("E.C",),
        toml='[accept_loss]\n"E.C" = "unused"\n',
        up=(
            ("SELECT id FROM v", [(1,)]),
            (
                "SELECT conname::text FROM pg_constraint WHERE conname = 'some_e' AND convalidated",
                [("some_e",)],
            ),
            ("SELECT indexname::text FROM pg_indexes WHERE indexname = 'some_a'", [("some_a",)]),
        ),
    ),
    Case(
        name="enum has another value in place of one, both ways, under a check and an index",
        before=t("  e E\n  a Int", _E),
        after=t("  e E\n  a Int", "enum E {\n  A\n  B\n  D\n}\n"),
        made="""
ALTER TABLE "T" ADD CONSTRAINT some_e CHECK (e = ANY ('{A,B}'::"E"[]) OR a > 1);
CREATE INDEX some_a ON "T" (a) WHERE e <> 'B'::"E";
""",
        rows=("""INSERT INTO "T" VALUES (1, 'A', 0)""",),
        asked=("E.C",),
        toml='[accept_loss]\n"E.C" = "unused"\n',
    ),
]
