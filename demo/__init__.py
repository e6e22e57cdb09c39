"""A real Home Assistant with a virtual gateway: for people, tests and benchmarks."""
