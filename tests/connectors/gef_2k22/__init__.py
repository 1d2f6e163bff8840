"""The connector of the GEF 2K22: its SOAP wire."""
