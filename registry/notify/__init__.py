"""Telling others what happened: announcements are rows of the state database until they were delivered."""
