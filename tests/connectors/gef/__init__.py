"""The shared kit of the GEF of the common model, through its five connectors."""
