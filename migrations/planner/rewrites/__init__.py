"""Rewrites of Prisma's SQL that keep the rows and don't block other sessions, one per file."""
