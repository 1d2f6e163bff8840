"""The DAJ: a deposit service in front of a small ministry that checks, deduplicates and publishes essential data."""
