"""The runtime's public types: errors, values, filters, parts of SQLAlchemy."""
