"""Random lives of marchés, said to the partners of the official formats."""
