"""Templates of new connectors: package data, read by ``semaphore-hub new-connector``."""
