"""DGFIP: PES Marché out, PES_ACQUIT back (official files), through a deposit service (assumed API) or folders."""
