"""The trame of a PAAT: the Excel file, out and in."""
