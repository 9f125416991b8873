"""What whoever operates the service looks at: health, metrics, logs, traces; and how it ends."""
