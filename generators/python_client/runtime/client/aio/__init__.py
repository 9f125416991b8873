"""The asyncio client: the only code that waits. The blocking client is generated from it."""
