"""The connectors of the buying cooperatives: what they say, what they read, and exchanges with the simulated ones."""
