-- DropTrigger (by hand)
DROP TRIGGER "ingest_runs_alert" ON "ingest_runs";

-- DropFunction (by hand)
DROP FUNCTION "raise_alert_for_failed_run"();

-- DropForeignKey
ALTER TABLE "ingest_runs" DROP CONSTRAINT "ingest_runs_source_id_fkey";

-- DropForeignKey
ALTER TABLE "alerts" DROP CONSTRAINT "alerts_run_id_fkey";

-- DropForeignKey
ALTER TABLE "alerts" DROP CONSTRAINT "alerts_assignee_id_fkey";

-- DropTable
DROP TABLE "ingest_runs";

-- DropTable
DROP TABLE "alerts";

-- DropEnum
DROP TYPE "run_status";

-- DropEnum
DROP TYPE "alert_severity";
