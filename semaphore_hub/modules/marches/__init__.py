"""Marchés: creation, notification, amendments and corrections; every change is an event."""
