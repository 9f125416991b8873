"""A schema as JSON: its models and enums as they are, and a JSON Schema of its rows."""
