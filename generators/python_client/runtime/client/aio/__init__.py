"""The asyncio client: the only code that waits, beside the blocking client, which is made from it.

``waiting`` and ``connection`` are what the two sides wait with and connect with; each has its own.
"""
