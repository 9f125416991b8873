"""Fleet runs: one version for many databases; and the workers that do them."""
