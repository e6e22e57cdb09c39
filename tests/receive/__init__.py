"""Tests of receive."""
