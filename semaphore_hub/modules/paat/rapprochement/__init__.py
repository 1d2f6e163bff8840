"""Gains as operators declare them, against those of the GHT."""
