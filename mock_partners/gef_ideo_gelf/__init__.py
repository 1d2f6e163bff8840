"""A simulated IDEO GELF: REST and dropped files, line by line answers, and the refusals of a financial system."""
