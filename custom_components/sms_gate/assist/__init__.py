"""Texting by voice or chat: what Assist hears and what it answers."""
