"""The blocking client: generated from ``client.aio`` but for ``waiting`` and ``connection``."""
