"""Validation of plans: submission, decisions of each role, closing, carry-over."""
