"""Alerts: what a buyer must look at, found every day, said once."""
