"""``semaphore-hub demo``: a hub, every mock partner and the life of a fictitious GHT, in one process on loopback."""

from semaphore_hub.demo.program import run

__all__ = ["run"]
