"""Amendments: the thresholds of the law, the regimes that allow a modification, the named operations."""
