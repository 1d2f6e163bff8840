"""Semaphore Hub: integration hub and test bench for SEMAPHORE, the purchasing system of French hospital groups."""

__version__ = "0.1.0"
