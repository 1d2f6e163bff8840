"""Tests of the ways to move bytes."""
