"""What the migrations so far made that schema.prisma has no word for: it is kept, and comes back."""
