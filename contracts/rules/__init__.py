"""Rules that schemas cannot say, in Python: check digits, sums across a document, the ministry's business checks.

A check is a function of the whole document (``lxml`` tree, or decoded JSON value) that yields ``contracts.Violation``;
for CSV it is a function of one ``contracts.tabular.Row``. It is called on any well-formed document, valid against the
schema or not: it must look at types before it trusts them.
"""
