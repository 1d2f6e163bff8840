"""The simulated gef_eai_prodige: what is its own."""
