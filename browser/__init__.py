"""scripts/test-browser: a person's way through the real demo, in a real browser."""
