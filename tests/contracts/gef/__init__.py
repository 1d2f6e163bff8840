"""The common GEF exchange model (assumed): its contracts in the three syntaxes, and the wires that carry them."""
