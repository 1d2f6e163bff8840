"""Benchmarks: each one measures the hub beside the least code that does the same work, in the same run, in turns."""
