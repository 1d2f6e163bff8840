"""The simulated IDEO GELF."""
