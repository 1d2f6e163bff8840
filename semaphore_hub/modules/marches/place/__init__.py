"""What PLACE says: its consultations and its contracts, followed and compared with what the hub knows."""
