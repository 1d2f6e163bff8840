"""What the simulated buying cooperatives share: catalogue, adhesions, publications; not a mock itself.

The formats are assumed ("hypothèse"): contracts/uniha and contracts/resah.
"""
