"""Runs of minutes: kills, faults."""
