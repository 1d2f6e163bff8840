"""Tests of the DAJ connector."""
