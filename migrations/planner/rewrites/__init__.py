"""Rewrites of Prisma's SQL that keep the rows and never stop the readers: one a file."""
