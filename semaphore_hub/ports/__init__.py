"""What a connector may see: events and their payloads, the Connector protocol, outcomes, manifest."""
