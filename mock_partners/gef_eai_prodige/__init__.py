"""A simulated GEF behind the EAI PRODIGE: XML files with an envelope, CSV files in degraded mode."""
