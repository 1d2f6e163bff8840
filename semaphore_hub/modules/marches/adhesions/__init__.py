"""Adhesions of établissements to the marchés of a buying cooperative (UniHA, RESAH): the hub's side of the workflow."""
