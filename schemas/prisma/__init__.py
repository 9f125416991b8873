"""The only bridge to Node: Prisma's engines in one long-lived worker process, without Prisma's CLI."""
