"""Tests of the trame: what hospitals really write in workbooks."""
