"""What moves an attributed marché from one status to the next, from the signature to the closing."""
