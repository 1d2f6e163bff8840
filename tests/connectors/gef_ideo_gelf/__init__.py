"""The connector of IDEO GELF."""
