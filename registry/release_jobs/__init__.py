"""Publishing over the API: what was uploaded, and the jobs that check, publish and withdraw versions."""
