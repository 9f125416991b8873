"""``init --from-prisma``: imports an existing Prisma project's schema, history and partial types."""
