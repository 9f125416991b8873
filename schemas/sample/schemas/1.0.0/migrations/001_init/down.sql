-- DropForeignKey
ALTER TABLE "users" DROP CONSTRAINT "users_invited_by_id_fkey";

-- DropForeignKey
ALTER TABLE "user_profiles" DROP CONSTRAINT "user_profiles_user_id_fkey";

-- DropForeignKey
ALTER TABLE "categories" DROP CONSTRAINT "categories_parent_id_fkey";

-- DropForeignKey
ALTER TABLE "products" DROP CONSTRAINT "products_category_id_fkey";

-- DropForeignKey
ALTER TABLE "product_identifiers" DROP CONSTRAINT "product_identifiers_product_id_fkey";

-- DropForeignKey
ALTER TABLE "_ProductToTag" DROP CONSTRAINT "_ProductToTag_A_fkey";

-- DropForeignKey
ALTER TABLE "_ProductToTag" DROP CONSTRAINT "_ProductToTag_B_fkey";

-- DropTable
DROP TABLE "users";

-- DropTable
DROP TABLE "user_profiles";

-- DropTable
DROP TABLE "categories";

-- DropTable
DROP TABLE "tags";

-- DropTable
DROP TABLE "products";

-- DropTable
DROP TABLE "product_identifiers";

-- DropTable
DROP TABLE "_ProductToTag";

-- DropEnum
DROP TYPE "user_role";

-- DropEnum
DROP TYPE "product_status";

-- DropEnum
DROP TYPE "identifier_scheme";
