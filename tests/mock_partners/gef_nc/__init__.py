"""The simulated gef_nc: what is its own."""
