"""The simulated buying cooperatives: refusals, workflow, publications, and the edges of their API."""
