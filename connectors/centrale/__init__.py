"""What the connectors of the buying cooperatives share; not a connector itself.

One assumed exchange ("hypothèse") is proposed to both: adhesions out; acknowledgements, states of adhesions, marchés
and products back. A connector is this kit with a manifest, its settings and its credentials.
"""
