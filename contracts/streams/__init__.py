"""Validation of large documents a window of records at a time, in a memory that does not depend on their size.

A contract takes part by its table ``[stream]``: ``records`` names where its records stand. The rules are those of the
whole document, applied to the document as it would be with fewer records; the verdict is the same.
"""
