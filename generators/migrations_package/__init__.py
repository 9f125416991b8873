"""Every migration up to a version, and the runner, as a wheel for init containers."""
