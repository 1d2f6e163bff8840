"""Purchase planning: census of needs, purchase projects, backward planning, computed procedure, calendar."""
