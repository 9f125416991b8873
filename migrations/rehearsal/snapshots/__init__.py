"""What a scratch database holds between two runs: its rows and its objects."""
