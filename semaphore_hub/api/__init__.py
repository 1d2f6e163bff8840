"""The HTTP edge: errors, access, versions, idempotency, pages; it knows HTTP so that nothing below has to."""
