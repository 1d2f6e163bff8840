"""IDEO GELF, the SaaS financial system of a hospital: suppliers and marchés out, line by line answers in.

The partner's format is assumed ("hypothèse"): no specification of this interface is public.
"""
