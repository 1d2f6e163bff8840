"""Tests of the interface contracts."""
