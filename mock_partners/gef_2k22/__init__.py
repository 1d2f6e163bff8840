"""A simulated GEF 2K22: SOAP 1.1, the same XML as files in degraded mode."""
