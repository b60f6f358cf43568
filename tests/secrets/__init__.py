"""Where the values that must not get about get to, over an entry's whole life."""
