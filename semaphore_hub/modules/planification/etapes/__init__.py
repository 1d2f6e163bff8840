"""What happens to a purchase project, step by step."""
