"""The GEF of version 2K22.00: SOAP, or the same XML in files. Assumed format ("hypothèse")."""
