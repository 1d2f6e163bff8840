"""Territorial purchasing action plans (PAAT): actions, trame, validation, campaigns, gains and their control."""
