"""RESAH: adhesions to its marchés by REST with an API key, or CSV files. Assumed format ("hypothèse")."""
