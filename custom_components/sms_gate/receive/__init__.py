"""From the gateway to Home Assistant: webhooks, polling, and what becomes of an event."""
