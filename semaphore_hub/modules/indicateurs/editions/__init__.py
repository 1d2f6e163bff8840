"""What is printed or filed: Excel for the ARS, HTML report."""
