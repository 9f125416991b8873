"""The schema of a new workspace: the smallest one that makes useful packages."""

STARTER_SCHEMA = """\
datasource db {
  provider = "postgresql"
}

/// A first model, to be replaced by your own.
model Example {
  id        String   @id @default(uuid()) @db.Uuid
  name      String
  createdAt DateTime @default(now()) @map("created_at") @db.Timestamptz(3)

  @@map("examples")
}
"""
