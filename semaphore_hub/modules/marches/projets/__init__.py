"""Marchés before their attribution: the need, its consultation and its lots, the offers, the attribution."""
