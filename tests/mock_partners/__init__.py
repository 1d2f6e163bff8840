"""Tests of the mock partners."""
