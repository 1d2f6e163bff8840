"""What everything stands on: settings, database, clock, identifiers, errors, logging; nothing of purchasing."""
