"""SMS Gate's protocol: its HTTP API, webhooks and encryption. Nothing of Home Assistant here."""
