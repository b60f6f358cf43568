"""LUX treatment devices: the account, its devices and their treatment logs."""
