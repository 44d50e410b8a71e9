"""The Korean edition."""
