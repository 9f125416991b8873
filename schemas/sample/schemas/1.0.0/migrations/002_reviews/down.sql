-- DropForeignKey
ALTER TABLE "reviews" DROP CONSTRAINT "reviews_product_id_fkey";

-- DropForeignKey
ALTER TABLE "reviews" DROP CONSTRAINT "reviews_source_id_fkey";

-- DropForeignKey
ALTER TABLE "reviews" DROP CONSTRAINT "reviews_author_id_fkey";

-- DropForeignKey
ALTER TABLE "review_votes" DROP CONSTRAINT "review_votes_review_id_fkey";

-- DropForeignKey
ALTER TABLE "review_votes" DROP CONSTRAINT "review_votes_user_id_fkey";

-- DropTable
DROP TABLE "sources";

-- DropTable
DROP TABLE "reviews";

-- DropTable
DROP TABLE "review_votes";

-- DropEnum
DROP TYPE "review_status";
