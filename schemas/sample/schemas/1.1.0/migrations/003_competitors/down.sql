-- DropForeignKey
ALTER TABLE "competitor_products" DROP CONSTRAINT "competitor_products_product_id_fkey";

-- DropForeignKey
ALTER TABLE "competitor_products" DROP CONSTRAINT "competitor_products_competitor_id_fkey";

-- AlterTable
ALTER TABLE "products" DROP COLUMN "discontinued_on";

-- DropTable
DROP TABLE "competitors";

-- DropTable
DROP TABLE "competitor_products";
