"""Values: what an argument must be, values that nobody can change, and how values are shown."""
