"""The exchanges with buying cooperatives (assumed): their contracts, the same for UniHA and RESAH."""
