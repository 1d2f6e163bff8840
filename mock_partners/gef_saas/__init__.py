"""A simulated GEF sold as a service: REST under OAuth2 client credentials, CSV files in degraded mode."""
