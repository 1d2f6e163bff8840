"""Tests of the DGFIP connector."""
