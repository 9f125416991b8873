"""A schema.prisma for the state that a history ends in, where that is not the draft's own."""
