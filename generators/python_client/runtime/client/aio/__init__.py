"""The asyncio client, from which the blocking client is generated: only these two wait for anything.

The modules ``waiting`` and ``connection`` are written separately for each of the two.
"""
