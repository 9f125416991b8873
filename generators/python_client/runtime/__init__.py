"""The engine of a generated client: arguments in, SQL and rows through psycopg, models out.

It is embedded in every client wheel as ``_runtime``: relative imports, psycopg and pydantic only, no state
outside the objects that a client makes. The layers, each importing only those above it::

    errors, fields, filters, ids      what users see, and identifiers made on this side
    codecs, schema                    values, columns and tables
    shape, plans, where, order        one walk over the arguments; SQL once per shape of a query
    reads, writes                     operations as generators: they yield statements and never wait
    failures, dsn                     SQLSTATEs to errors; connection strings
    pool, transactions, holders       connections and their state, without any waiting
    sync_pool, sync_session           the only code that waits: threads here,
    async_connection, async_pool, async_session         and tasks there
    sync_actions, async_actions       what a model offers
    sync_client, async_client         connect, disconnect, transactions
"""
