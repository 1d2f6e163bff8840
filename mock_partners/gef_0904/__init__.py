"""A simulated GEF 09.04: REST under an API key, CSV over SFTP in degraded mode."""
