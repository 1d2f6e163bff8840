"""Facts that come as files: national or regional consolidations, spending of those who have no interface."""
