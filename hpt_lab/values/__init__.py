"""Values: checks of arguments, values that cannot be changed, and how values are shown."""
