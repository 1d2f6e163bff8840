"""The simulated gef_0904: what is its own."""
