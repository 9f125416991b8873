"""How each target language writes a schema's names, which it refuses, and what packages may be called."""
