"""Formulas of the indicators: from exact sums to a figure. Pure: no database, no clock."""
