"""Rules over the repository: each names what it found, and is shown to find it."""
