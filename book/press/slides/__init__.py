"""The slides of each chapter."""
