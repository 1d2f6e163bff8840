"""Tests of the reconciliation with operators."""
