"""Why a release can be believed: keys, signatures, provenance, verifying, and what endangers consumers."""
