"""Turns Prisma's SQL into SQL that keeps the rows and doesn't block other sessions."""
