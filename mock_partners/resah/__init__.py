"""A simulated RESAH: REST with an API key, CSV files in degraded mode. Assumed format."""
