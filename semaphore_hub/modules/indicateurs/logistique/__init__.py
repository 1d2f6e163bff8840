"""Logistics gains by the method of the DGOS."""
