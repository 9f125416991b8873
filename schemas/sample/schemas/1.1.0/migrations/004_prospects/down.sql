-- DropForeignKey
ALTER TABLE "prospects" DROP CONSTRAINT "prospects_owner_id_fkey";

-- DropForeignKey
ALTER TABLE "prospects" DROP CONSTRAINT "prospects_competitor_id_fkey";

-- DropTable
DROP TABLE "prospects";

-- DropEnum
DROP TYPE "prospect_stage";
