"""Concessions: signed, amended, executed year by year, published; they live beside the marchés."""
