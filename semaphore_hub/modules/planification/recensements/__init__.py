"""Census of needs."""
