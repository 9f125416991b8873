"""``init --from-prisma``: an existing Prisma project's schema, history and partial types."""
