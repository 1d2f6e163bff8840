"""What the simulated GEF of the common model share, tried on each of them."""
