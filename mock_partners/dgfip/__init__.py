"""The DGFIP: a deposit service (tiers de télétransmission) in front of a small Hélios that keeps sequences."""
