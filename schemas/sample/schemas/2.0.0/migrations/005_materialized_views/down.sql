-- Not restored: all but the latest price of a product, and which empty review texts used to be missing.

-- DropMaterializedView (by hand)
DROP MATERIALIZED VIEW "product_ratings";

-- DropTrigger (by hand)
DROP TRIGGER "reviews_search_document" ON "reviews";

-- DropFunction (by hand)
DROP FUNCTION "set_review_search_document"();

-- DropIndex
DROP INDEX CONCURRENTLY "reviews_search_document_idx";

-- AlterTable
ALTER TABLE "reviews" DROP COLUMN "search_document",
ALTER COLUMN "body" DROP NOT NULL;

-- RenameColumn (by hand)
ALTER TABLE "reviews" RENAME COLUMN "rating" TO "stars";

-- AlterTable (the price is required only once it is filled)
ALTER TABLE "products" ADD COLUMN     "currency" CHAR(3) NOT NULL DEFAULT 'EUR',
ADD COLUMN     "price" DECIMAL(12,2);

-- MoveData (by hand: the latest price goes back into the product)
UPDATE "products" SET "price" = "latest"."amount", "currency" = "latest"."currency"
FROM (
    SELECT DISTINCT ON ("product_id") "product_id", "currency", "amount"
    FROM "product_prices"
    ORDER BY "product_id", "valid_from" DESC, "currency"
) AS "latest"
WHERE "latest"."product_id" = "products"."id";

-- MoveData (by hand: a product that never had a price is listed for nothing)
UPDATE "products" SET "price" = 0 WHERE "price" IS NULL;

-- RequireColumn
ALTER TABLE "products" ADD CONSTRAINT "products_price_is_set" CHECK ("price" IS NOT NULL) NOT VALID;
ALTER TABLE "products" VALIDATE CONSTRAINT "products_price_is_set";
ALTER TABLE "products" ALTER COLUMN "price" SET NOT NULL;
ALTER TABLE "products" DROP CONSTRAINT "products_price_is_set";

-- DropTable
DROP TABLE "product_prices";

-- RenameEnumValue (by hand)
ALTER TYPE "review_status" RENAME VALUE 'rejected' TO 'hidden';
