"""A class, graded by nbgrader."""
