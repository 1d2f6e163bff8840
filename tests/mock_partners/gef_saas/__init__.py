"""The simulated gef_saas: what is its own."""
