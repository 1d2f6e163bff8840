"""The connector of the GEF behind the EAI PRODIGE: its envelope and its folders."""
