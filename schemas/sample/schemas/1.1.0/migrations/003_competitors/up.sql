-- AlterTable
ALTER TABLE "products" ADD COLUMN     "discontinued_on" DATE;

-- CreateTable
CREATE TABLE "competitors" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "domain" VARCHAR(253) NOT NULL,
    "countries" CHAR(2)[] DEFAULT ARRAY[]::CHAR(2)[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "competitors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "competitor_products" (
    "product_id" UUID NOT NULL,
    "competitor_id" UUID NOT NULL,
    "url" TEXT NOT NULL,
    "similarity" DECIMAL(4,3) NOT NULL DEFAULT 1,
    "price_minor" BIGINT,
    "checked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "competitor_products_pkey" PRIMARY KEY ("product_id","competitor_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "competitors_name_key" ON "competitors"("name");

-- CreateIndex
CREATE UNIQUE INDEX "competitors_domain_key" ON "competitors"("domain");

-- CreateIndex
CREATE UNIQUE INDEX "competitor_products_competitor_id_url_key" ON "competitor_products"("competitor_id", "url");

-- AddForeignKey
ALTER TABLE "competitor_products" ADD CONSTRAINT "competitor_products_product_id_fkey" FOREIGN KEY ("product_id") REFERENCES "products"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "competitor_products" ADD CONSTRAINT "competitor_products_competitor_id_fkey" FOREIGN KEY ("competitor_id") REFERENCES "competitors"("id") ON DELETE CASCADE ON UPDATE CASCADE;
