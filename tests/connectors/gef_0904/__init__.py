"""The connector of the GEF 09.04: its files by SFTP, its version."""
