-- The catalogue's tables after commit 23e5efa had published 1.0.0 and 1.1.0 of a schema, as Python's iterdump wrote them down.
CREATE TABLE catalogue_artifacts (
	schema_name VARCHAR(200) NOT NULL,
	version VARCHAR(80) NOT NULL,
	language VARCHAR(20) NOT NULL,
	kind VARCHAR(20) NOT NULL,
	name VARCHAR(255) NOT NULL,
	package_version VARCHAR(80) NOT NULL,
	filename VARCHAR(255) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	size BIGINT NOT NULL,
	PRIMARY KEY (schema_name, version, language),
	FOREIGN KEY(schema_name, version) REFERENCES catalogue_versions (schema_name, version)
);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.0.0','python','wheel','sqlite-client','1.0.0','sqlite_client-1.0.0-py3-none-any.whl','d967501917c62e265dcdabaf17573886fddd9a808c512d1baf8e9581f4e66d57',198377);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.0.0','node','npm','@org/sqlite-client','1.0.0','org-sqlite-client-1.0.0.tgz','bf51f1770ec5f491ee2eaa7b28f7cc03c7de61e398466d5657db9707c8dadb52',830240);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.0.0','typescript','npm','@org/sqlite-types','1.0.0','org-sqlite-types-1.0.0.tgz','5390a02ec03bdb78787bacc9cca8ef163db873c6e6c6f2170d49aad1caa21cc8',6243);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.0.0','migrations','wheel','sqlite-migrations','1.0.0','sqlite_migrations-1.0.0-py3-none-any.whl','d855b1a368a4c0d9733dfddcd0faa97f2b8e4d3cc628c33d2f984bf79bf54560',85583);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.1.0','python','wheel','sqlite-client','1.1.0','sqlite_client-1.1.0-py3-none-any.whl','a8beb3099f150bae331816a35faf4fa9edb0e309cf7bc30344fc8ab233131ca1',198581);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.1.0','node','npm','@org/sqlite-client','1.1.0','org-sqlite-client-1.1.0.tgz','be253898f547f79c43777ccb6144024be4643d6934dc6f2b172b3633c8059f78',830809);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.1.0','typescript','npm','@org/sqlite-types','1.1.0','org-sqlite-types-1.1.0.tgz','54b9aa0e2f800652be680c1f025f83a4b833580eedb548f3b1de5cb897e1ee85',6247);
INSERT INTO "catalogue_artifacts" VALUES('reviews','1.1.0','migrations','wheel','sqlite-migrations','1.1.0','sqlite_migrations-1.1.0-py3-none-any.whl','1f0e8ad5ecc06d0a6c58ee319dc606bc25fed8cb812a0c17fc49033fe775fe98',86708);
CREATE TABLE catalogue_latest (
	schema_name VARCHAR(200) NOT NULL,
	version VARCHAR(80) NOT NULL,
	PRIMARY KEY (schema_name),
	FOREIGN KEY(schema_name, version) REFERENCES catalogue_versions (schema_name, version)
);
INSERT INTO "catalogue_latest" VALUES('reviews','1.1.0');
CREATE TABLE catalogue_migrations (
	schema_name VARCHAR(200) NOT NULL,
	number INTEGER NOT NULL,
	name VARCHAR(100) NOT NULL,
	version VARCHAR(80) NOT NULL,
	up TEXT NOT NULL,
	down TEXT,
	PRIMARY KEY (schema_name, number),
	FOREIGN KEY(schema_name, version) REFERENCES catalogue_versions (schema_name, version)
);
INSERT INTO "catalogue_migrations" VALUES('reviews',1,'init','1.0.0','-- From an empty database to this version''s schema. Edit it freely: the rehearsal holds it to
-- schema.prisma. BEGIN and COMMIT are the runner''s: a script needs none.

-- CreateTable
CREATE TABLE "Author" (
    "id" SERIAL NOT NULL,
    "email" TEXT NOT NULL,

    CONSTRAINT "Author_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Review" (
    "id" SERIAL NOT NULL,
    "text" TEXT NOT NULL,
    "authorId" INTEGER NOT NULL,

    CONSTRAINT "Review_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Author_email_key" ON "Author"("email");

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "Author"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
','-- The way back to an empty database. BEGIN and COMMIT are the runner''s.
--
-- It takes away every table, with all its rows.

-- DropForeignKey
ALTER TABLE "public"."Review" DROP CONSTRAINT "Review_authorId_fkey";

-- DropTable
DROP TABLE "public"."Author";

-- DropTable
DROP TABLE "public"."Review";
');
INSERT INTO "catalogue_migrations" VALUES('reviews',2,'stars','1.1.0','-- From the version before to this version''s schema. Edit it freely: the rehearsal holds it to
-- schema.prisma. BEGIN and COMMIT are the runner''s: a script needs none.

-- AlterTable
ALTER TABLE "Review" ADD COLUMN     "stars" INTEGER;
','-- The way back to the version before. BEGIN and COMMIT are the runner''s.
--
-- It takes away what came after the way up:
--   Review.stars is dropped with all its values

-- AlterTable
ALTER TABLE "Review" DROP COLUMN "stars";
');
CREATE TABLE catalogue_partial_types (
	schema_name VARCHAR(200) NOT NULL,
	version VARCHAR(80) NOT NULL,
	text TEXT NOT NULL,
	PRIMARY KEY (schema_name, version),
	FOREIGN KEY(schema_name, version) REFERENCES catalogue_versions (schema_name, version)
);
INSERT INTO "catalogue_partial_types" VALUES('reviews','1.1.0','from prisma.models import Author

Author.create_partial("AuthorName", include={"email"})
');
CREATE TABLE catalogue_versions (
	schema_name VARCHAR(200) NOT NULL,
	version VARCHAR(80) NOT NULL,
	description TEXT NOT NULL,
	author TEXT,
	schema_text TEXT NOT NULL,
	schema_digest VARCHAR(64) NOT NULL,
	input_digest VARCHAR(64) NOT NULL,
	changelog TEXT NOT NULL,
	published_at DATETIME NOT NULL,
	published_by TEXT NOT NULL,
	PRIMARY KEY (schema_name, version)
);
INSERT INTO "catalogue_versions" VALUES('reviews','1.0.0','The first version.',NULL,'datasource db {
  provider = "postgresql"
}

/// Somebody who writes reviews.
model Author {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  reviews Review[]
}

model Review {
  id       Int     @id @default(autoincrement())
  text     String
  authorId Int
  author   Author  @relation(fields: [authorId], references: [id])
}
','b3611403c37852fec6d992f94a703a80f70434f6c8da475ff61612524600dfa5','876843d6d7215ffac4b1491d26843b9b1f674d5d64479fe1da57c5fbb1d3378f','# 1.0.0

The first version.

## New

- Author is new
- Review is new
','2026-11-29 00:34:15.855003','releaser');
INSERT INTO "catalogue_versions" VALUES('reviews','1.1.0','',NULL,'datasource db {
  provider = "postgresql"
}

/// Somebody who writes reviews.
model Author {
  id      Int      @id @default(autoincrement())
  email   String   @unique
  reviews Review[]
}

model Review {
  id       Int     @id @default(autoincrement())
  text     String
  stars    Int?
  authorId Int
  author   Author  @relation(fields: [authorId], references: [id])
}
','0e279f4052a838879ec89a1db5836f815755898a2fb1414e536bb713ebee4606','bcd8c9b2c8b592f443f8356d9987067f132196db2c346743fb114d98e128f19c','# 1.1.0

## New since 1.0.0

- Review.stars is new
- the partial type AuthorName is new
','2026-11-29 00:34:28.444210','releaser');
