"""The connector of the GEF in SaaS: its OAuth2 client."""
