"""Real processes on this machine: what demo, browser, benchmarks and chaos run share."""
