"""PLACE, the State's buyer profile: consultations written and followed, notified contracts read back."""
