"""The connector of the GEF of version "NC": its gate."""
