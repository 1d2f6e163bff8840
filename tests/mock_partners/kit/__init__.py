"""Tests of what every mock shares."""
