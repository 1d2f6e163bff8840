"""Connectors: one folder per kind of partner, found by its ``manifest.toml``; sharing ``connectors.transports``."""
