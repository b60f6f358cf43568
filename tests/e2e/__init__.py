"""The demo as its user meets it: a real Home Assistant in a process of its own."""
