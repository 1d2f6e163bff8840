"""The simulated PLACE: two generations of web services, incomplete by configuration."""
