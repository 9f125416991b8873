-- The catalogue's tables after commit 23e5efa had published 1.0.0 and 1.1.0 of a schema, as pg_dump 15 wrote them down.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.catalogue_artifacts (
    schema_name character varying(200) NOT NULL,
    version character varying(80) NOT NULL,
    language character varying(20) NOT NULL,
    kind character varying(20) NOT NULL,
    name character varying(255) NOT NULL,
    package_version character varying(80) NOT NULL,
    filename character varying(255) NOT NULL,
    sha256 character varying(64) NOT NULL,
    size bigint NOT NULL
);

CREATE TABLE public.catalogue_latest (
    schema_name character varying(200) NOT NULL,
    version character varying(80) NOT NULL
);

CREATE TABLE public.catalogue_migrations (
    schema_name character varying(200) NOT NULL,
    number integer NOT NULL,
    name character varying(100) NOT NULL,
    version character varying(80) NOT NULL,
    up text NOT NULL,
    down text
);

CREATE TABLE public.catalogue_partial_types (
    schema_name character varying(200) NOT NULL,
    version character varying(80) NOT NULL,
    text text NOT NULL
);

CREATE TABLE public.catalogue_versions (
    schema_name character varying(200) NOT NULL,
    version character varying(80) NOT NULL,
    description text NOT NULL,
    author text,
    schema_text text NOT NULL,
    schema_digest character varying(64) NOT NULL,
    input_digest character varying(64) NOT NULL,
    changelog text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    published_by text NOT NULL
);

--
-- Data for Name: catalogue_artifacts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.0.0', 'python', 'wheel', 'postgres-client', '1.0.0', 'postgres_client-1.0.0-py3-none-any.whl', 'b741012e751ff169c64b8d6473663b2bb6df7cc16efcd09c279efabc76bf655f', 198385);
INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.0.0', 'node', 'npm', '@org/postgres-client', '1.0.0', 'org-postgres-client-1.0.0.tgz', '05d0de148513f1a01d67b746bdec3fb2da91c2830b57b17cd3b07f724358fb5c', 830227);
INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.0.0', 'typescript', 'npm', '@org/postgres-types', '1.0.0', 'org-postgres-types-1.0.0.tgz', '636b6c77f6e4ed383b8be9cc72522194dbc605acb35358a6aada20ab70ec0f94', 6243);
INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.0.0', 'migrations', 'wheel', 'postgres-migrations', '1.0.0', 'postgres_migrations-1.0.0-py3-none-any.whl', '0956405e5687291ef89cebc24149ef432b794161225ff500a6ae0e9e09d51b4b', 85605);
INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.1.0', 'python', 'wheel', 'postgres-client', '1.1.0', 'postgres_client-1.1.0-py3-none-any.whl', '07a19d9618396712594e62db6a012aa4e72b39a4e5d814441389c48ebfa83b4f', 198593);
INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.1.0', 'node', 'npm', '@org/postgres-client', '1.1.0', 'org-postgres-client-1.1.0.tgz', 'bac965b7d0412a1ebe3b6c4f7baedf37b7785ae4233a6d55a7e9dd6e54e33f5c', 830797);
INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.1.0', 'typescript', 'npm', '@org/postgres-types', '1.1.0', 'org-postgres-types-1.1.0.tgz', '2e3459783ad28dc5931e89fbbfe6ae704085dde7372924bb70efe339e5261b83', 6250);
INSERT INTO public.catalogue_artifacts VALUES ('reviews', '1.1.0', 'migrations', 'wheel', 'postgres-migrations', '1.1.0', 'postgres_migrations-1.1.0-py3-none-any.whl', '120ff3109bacd9367603e3a7193c360527c813beba9d452539ee3e9a222b94da', 86728);

--
-- Data for Name: catalogue_latest; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.catalogue_latest VALUES ('reviews', '1.1.0');

--
-- Data for Name: catalogue_migrations; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.catalogue_migrations VALUES ('reviews', 1, 'init', '1.0.0', '-- From an empty database to this version''s schema. Edit it freely: the rehearsal holds it to
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
', '-- The way back to an empty database. BEGIN and COMMIT are the runner''s.
--
-- It takes away every table, with all its rows.

-- DropForeignKey
ALTER TABLE "public"."Review" DROP CONSTRAINT "Review_authorId_fkey";

-- DropTable
DROP TABLE "public"."Author";

-- DropTable
DROP TABLE "public"."Review";
');
INSERT INTO public.catalogue_migrations VALUES ('reviews', 2, 'stars', '1.1.0', '-- From the version before to this version''s schema. Edit it freely: the rehearsal holds it to
-- schema.prisma. BEGIN and COMMIT are the runner''s: a script needs none.

-- AlterTable
ALTER TABLE "Review" ADD COLUMN     "stars" INTEGER;
', '-- The way back to the version before. BEGIN and COMMIT are the runner''s.
--
-- It takes away what came after the way up:
--   Review.stars is dropped with all its values

-- AlterTable
ALTER TABLE "Review" DROP COLUMN "stars";
');

--
-- Data for Name: catalogue_partial_types; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.catalogue_partial_types VALUES ('reviews', '1.1.0', 'from prisma.models import Author

Author.create_partial("AuthorName", include={"email"})
');

--
-- Data for Name: catalogue_versions; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.catalogue_versions VALUES ('reviews', '1.0.0', 'The first version.', NULL, 'datasource db {
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
', 'b3611403c37852fec6d992f94a703a80f70434f6c8da475ff61612524600dfa5', '5b7defd486944e703b8b9f72b7d32e999bd31739070dbbf772b70141f2fdc1c3', '# 1.0.0

The first version.

## New

- Author is new
- Review is new
', '2026-11-29 00:34:38.815992+00', 'releaser');
INSERT INTO public.catalogue_versions VALUES ('reviews', '1.1.0', '', NULL, 'datasource db {
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
', '0e279f4052a838879ec89a1db5836f815755898a2fb1414e536bb713ebee4606', 'd6d5d076d838f6af6cf67a9331c349e8ebfe53b43a4beb1504f5e9b01d4d0327', '# 1.1.0

## New since 1.0.0

- Review.stars is new
- the partial type AuthorName is new
', '2026-11-29 00:34:47.003337+00', 'releaser');

ALTER TABLE ONLY public.catalogue_artifacts
    ADD CONSTRAINT catalogue_artifacts_pkey PRIMARY KEY (schema_name, version, language);

ALTER TABLE ONLY public.catalogue_latest
    ADD CONSTRAINT catalogue_latest_pkey PRIMARY KEY (schema_name);

ALTER TABLE ONLY public.catalogue_migrations
    ADD CONSTRAINT catalogue_migrations_pkey PRIMARY KEY (schema_name, number);

ALTER TABLE ONLY public.catalogue_partial_types
    ADD CONSTRAINT catalogue_partial_types_pkey PRIMARY KEY (schema_name, version);

ALTER TABLE ONLY public.catalogue_versions
    ADD CONSTRAINT catalogue_versions_pkey PRIMARY KEY (schema_name, version);

ALTER TABLE ONLY public.catalogue_artifacts
    ADD CONSTRAINT catalogue_artifacts_schema_name_version_fkey FOREIGN KEY (schema_name, version) REFERENCES public.catalogue_versions(schema_name, version);

ALTER TABLE ONLY public.catalogue_latest
    ADD CONSTRAINT catalogue_latest_schema_name_version_fkey FOREIGN KEY (schema_name, version) REFERENCES public.catalogue_versions(schema_name, version);

ALTER TABLE ONLY public.catalogue_migrations
    ADD CONSTRAINT catalogue_migrations_schema_name_version_fkey FOREIGN KEY (schema_name, version) REFERENCES public.catalogue_versions(schema_name, version);

ALTER TABLE ONLY public.catalogue_partial_types
    ADD CONSTRAINT catalogue_partial_types_schema_name_version_fkey FOREIGN KEY (schema_name, version) REFERENCES public.catalogue_versions(schema_name, version);
