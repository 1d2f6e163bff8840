"""UniHA: adhesions to its marchés by REST with OAuth2, or CSV files. Assumed format ("hypothèse")."""
