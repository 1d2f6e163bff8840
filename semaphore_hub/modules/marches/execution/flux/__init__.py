"""Orders, receipts and payments as the GEF send them, line by line, reconciled with the marchés (F08, F09)."""
