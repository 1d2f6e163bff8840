"""Tests of the connectors and their transports."""
