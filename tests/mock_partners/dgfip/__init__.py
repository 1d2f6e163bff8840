"""Tests of the DGFIP mock."""
