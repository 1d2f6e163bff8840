"""What is common to every plan at the edge: enumerations, control bounds."""
