"""Facts: read again when their subject changes, imported from files."""
