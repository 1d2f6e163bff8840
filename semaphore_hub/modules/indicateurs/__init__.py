"""Purchasing indicators: facts fed by events and files, formulas, drill-down, exports, columnar snapshot."""
