"""The columnar snapshot: Parquet, one file per year and GHT."""
