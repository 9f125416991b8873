"""What users of a generated client hold in their hands: errors, values, filters, parts of SQLAlchemy."""
