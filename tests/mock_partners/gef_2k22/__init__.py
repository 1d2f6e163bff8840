"""The simulated gef_2k22: what is its own."""
