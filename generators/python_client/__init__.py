"""The Python client: a wheel of pydantic models and a typed Postgres client."""
