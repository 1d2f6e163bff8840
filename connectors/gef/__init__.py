"""What the connectors of the GEF that take the common exchange model share (ADR 0016); not a connector itself.

One assumed model ("hypothèse"): a document is the same whether written as JSON, XML or CSV. A connector is this kit
with a manifest, its settings, and one wire for each channel.
"""
