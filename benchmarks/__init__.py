"""What Lantern costs, beside Home Assistant's own integrations, in one run."""
