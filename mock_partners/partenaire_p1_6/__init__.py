"""The simulated P1 partner no. 6 ("non identifié dans la source"): XML files first, REST under an API key."""
