"""The Node client target: Prisma Client with its Postgres adapter, ready to import."""
