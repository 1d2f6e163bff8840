"""The GEF in SaaS, without a version at its client: REST with OAuth2, or CSV files. Assumed format ("hypothèse")."""
