"""From Prisma's SQL to SQL that keeps the rows and never stops the readers: one rewrite a file."""
