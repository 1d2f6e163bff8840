"""The two P1 partners that the source does not name: connectors described by their manifest only."""
