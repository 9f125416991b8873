"""Publishing one version: a durable workflow of small steps, each of which stores its result."""
