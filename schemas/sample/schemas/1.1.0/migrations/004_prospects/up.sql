-- CreateEnum
CREATE TYPE "prospect_stage" AS ENUM ('new', 'contacted', 'negotiating', 'won', 'lost');

-- CreateTable
CREATE TABLE "prospects" (
    "id" UUID NOT NULL,
    "company" TEXT NOT NULL,
    "stage" "prospect_stage" NOT NULL DEFAULT 'new',
    "owner_id" UUID,
    "competitor_id" UUID,
    "contacts" JSONB NOT NULL DEFAULT '[]',
    "expected_value" DECIMAL(14,2),
    "call_time" TIME(0),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "prospects_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "prospects_competitor_id_key" ON "prospects"("competitor_id");

-- CreateIndex
CREATE INDEX "prospects_stage_owner_id_idx" ON "prospects"("stage", "owner_id");

-- AddForeignKey
ALTER TABLE "prospects" ADD CONSTRAINT "prospects_owner_id_fkey" FOREIGN KEY ("owner_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "prospects" ADD CONSTRAINT "prospects_competitor_id_fkey" FOREIGN KEY ("competitor_id") REFERENCES "competitors"("id") ON DELETE SET NULL ON UPDATE CASCADE;
