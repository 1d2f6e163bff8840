"""What the hospital's financial system (GEF) says of itself: structures, accounts, third parties."""
