"""The only Node bridge: Prisma's engines behind one long-lived worker, without Prisma's CLI."""
