"""Pages of admissions."""
