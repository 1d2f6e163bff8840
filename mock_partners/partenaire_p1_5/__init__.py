"""The simulated P1 partner no. 5 ("non identifié dans la source"): REST under an API key, else CSV files."""
