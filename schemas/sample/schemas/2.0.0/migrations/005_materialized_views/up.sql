-- A diff alone would drop the prices and the stars and stop at reviews without a text. Written by hand,
-- with the generated statements in between, this keeps every row.

-- RenameEnumValue (by hand: the rows keep their value, only its label changes)
ALTER TYPE "review_status" RENAME VALUE 'hidden' TO 'rejected';

-- CreateTable
CREATE TABLE "product_prices" (
    "product_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "valid_from" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "amount" DECIMAL(12,2) NOT NULL,

    CONSTRAINT "product_prices_pkey" PRIMARY KEY ("product_id","currency","valid_from")
);

-- AddForeignKey
ALTER TABLE "product_prices" ADD CONSTRAINT "product_prices_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- MoveData (by hand: each product's one price becomes the first of its history)
INSERT INTO "product_prices" ("product_id", "currency", "valid_from", "amount")
SELECT "id", "currency", "created_at", "price" FROM "products";

-- AlterTable
ALTER TABLE "products" DROP COLUMN "currency",
DROP COLUMN "price";

-- RenameColumn (by hand)
ALTER TABLE "reviews" RENAME COLUMN "stars" TO "rating";

-- Backfill (a review without a text gets an empty one)
-- schema-service: backfill
UPDATE "reviews" SET "body" = '' WHERE "body" IS NULL;

-- RequireColumn (a validated check spares SET NOT NULL from reading the table)
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_body_is_set" CHECK ("body" IS NOT NULL) NOT VALID;

-- Backfill (rows that came meanwhile)
-- schema-service: backfill
UPDATE "reviews" SET "body" = '' WHERE "body" IS NULL;

-- ValidateConstraint
ALTER TABLE "reviews" VALIDATE CONSTRAINT "reviews_body_is_set";

-- SetNotNull
ALTER TABLE "reviews" ALTER COLUMN "body" SET NOT NULL;
ALTER TABLE "reviews" DROP CONSTRAINT "reviews_body_is_set";

-- AlterTable
ALTER TABLE "reviews" ADD COLUMN     "search_document" tsvector;

-- CreateFunction (by hand)
CREATE FUNCTION "set_review_search_document"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW."search_document" :=
        setweight(to_tsvector('simple', coalesce(NEW."title", '')), 'A')
        || setweight(to_tsvector('simple', coalesce(NEW."body", '')), 'B');
    RETURN NEW;
END;
$$;

-- CreateTrigger (by hand)
CREATE TRIGGER "reviews_search_document"
BEFORE INSERT OR UPDATE OF "title", "body" ON "reviews"
FOR EACH ROW EXECUTE FUNCTION "set_review_search_document"();

-- Backfill (by hand: the trigger fills the document of every review that is there already)
-- schema-service: backfill
UPDATE "reviews" SET "body" = "body" WHERE "search_document" IS NULL;

-- CreateIndex
CREATE INDEX CONCURRENTLY "reviews_search_document_idx" ON "reviews" USING GIN ("search_document");

-- CreateMaterializedView (by hand; refresh it with REFRESH MATERIALIZED VIEW CONCURRENTLY "product_ratings")
CREATE MATERIALIZED VIEW "product_ratings" AS
SELECT
    "reviews"."product_id",
    count(*) AS "review_count",
    round(
        (sum("reviews"."rating" * "sources"."weight") / nullif(sum("sources"."weight"), 0))::numeric, 2
    ) AS "average_rating",
    max("reviews"."published_at") AS "last_published_at"
FROM "reviews"
JOIN "sources" ON "sources"."id" = "reviews"."source_id"
WHERE "reviews"."status" = 'published'
GROUP BY "reviews"."product_id";

-- CreateIndex (by hand: a concurrent refresh needs it)
CREATE UNIQUE INDEX "product_ratings_product_id_key" ON "product_ratings"("product_id");
