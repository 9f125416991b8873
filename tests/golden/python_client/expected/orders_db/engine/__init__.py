"""For code written for Prisma Client Python: there is no engine here, only its errors."""
