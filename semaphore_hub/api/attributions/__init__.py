"""Attribution of a purchase project: the planning and the marchés, joined at the edge since neither knows the other."""
