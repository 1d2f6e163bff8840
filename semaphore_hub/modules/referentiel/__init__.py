"""Référentiel: GHT, établissements with their dated membership, fournisseurs, code lists; every module may use it."""
