"""Tests of the DAJ mock."""
