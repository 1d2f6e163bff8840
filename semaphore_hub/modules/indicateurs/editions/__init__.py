"""What is printed or filed: the Excel file an ARS keeps, the one-page report."""
