"""Ways to move bytes (HTTP, folders) and to write XML; nothing here knows a partner."""
