"""Arguments to SQL: the shape of a query, and the statement that is compiled once for each shape."""
