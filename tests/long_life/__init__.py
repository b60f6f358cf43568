"""A month with all four services in one Home Assistant."""
