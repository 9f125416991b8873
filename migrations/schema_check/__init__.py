"""What Prisma accepts in a schema and no Postgres can hold, and what Prisma passes over in silence."""
