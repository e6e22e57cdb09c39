"""From Home Assistant to the gateway: drafts, sending, and how far a message got."""
