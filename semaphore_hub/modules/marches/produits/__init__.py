"""Products under contract: the catalogue lines operators give with their marchés, one per product and price period."""
