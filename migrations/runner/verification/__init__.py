"""Is a live database what its version consists of?"""
