"""The integration against a gateway that fails most of the time it can."""
