"""The GEF reached through the EAI PRODIGE: no API, files with an envelope. Assumed format ("hypothèse")."""
