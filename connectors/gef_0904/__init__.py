"""The GEF of version 09.04.00226: REST with an API key, or CSV files by SFTP. Assumed format ("hypothèse")."""
