-- CreateEnum
CREATE TYPE "run_status" AS ENUM ('running', 'succeeded', 'failed');

-- CreateEnum
CREATE TYPE "alert_severity" AS ENUM ('info', 'warning', 'critical');

-- CreateTable
CREATE TABLE "ingest_runs" (
    "id" BIGSERIAL NOT NULL,
    "source_id" SMALLINT NOT NULL,
    "status" "run_status" NOT NULL DEFAULT 'running',
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "seen_count" INTEGER NOT NULL DEFAULT 0,
    "new_count" INTEGER NOT NULL DEFAULT 0,
    "error_message" TEXT,

    CONSTRAINT "ingest_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "severity" "alert_severity" NOT NULL DEFAULT 'warning',
    "message" TEXT NOT NULL,
    "run_id" BIGINT,
    "assignee_id" UUID,
    "raised_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "ingest_runs_source_id_started_at_idx" ON "ingest_runs"("source_id", "started_at" DESC);

-- CreateIndex
CREATE INDEX "alerts_severity_resolved_at_idx" ON "alerts"("severity", "resolved_at");

-- AddForeignKey
ALTER TABLE "ingest_runs" ADD CONSTRAINT "ingest_runs_source_id_fkey" FOREIGN KEY ("source_id") REFERENCES "sources"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "ingest_runs"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_assignee_id_fkey" FOREIGN KEY ("assignee_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- CreateFunction (by hand)
CREATE FUNCTION "raise_alert_for_failed_run"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "alerts" ("severity", "message", "run_id")
    VALUES ('critical', coalesce(NEW."error_message", 'The run failed without a message.'), NEW."id");
    RETURN NULL;
END;
$$;

-- CreateTrigger (by hand)
CREATE TRIGGER "ingest_runs_alert"
AFTER UPDATE OF "status" ON "ingest_runs"
FOR EACH ROW WHEN (NEW."status" = 'failed' AND OLD."status" <> 'failed')
EXECUTE FUNCTION "raise_alert_for_failed_run"();
