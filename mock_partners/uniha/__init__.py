"""A simulated UniHA: REST under OAuth2 client credentials, CSV files in degraded mode. Assumed format."""
