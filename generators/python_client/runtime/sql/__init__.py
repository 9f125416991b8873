"""Arguments to SQL: the shape of a query, and the statement that is written once for each shape."""
