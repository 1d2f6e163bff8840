"""What the simulated GEF of the common model share (ADR 0016): one state, one judgment, and the three syntaxes.

A mock of this family says only what is its own: its wire, its syntax in file mode and its version.
"""
