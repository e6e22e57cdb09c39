"""Tests of the virtual gateway itself."""
