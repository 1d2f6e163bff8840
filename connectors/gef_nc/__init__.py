"""The GEF of version "NC", not compatible yet: files until it is upgraded. Assumed format ("hypothèse")."""
