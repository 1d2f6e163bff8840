"""A simulated GEF whose version is not known: its REST wire is closed until it is upgraded, CSV files meanwhile."""
