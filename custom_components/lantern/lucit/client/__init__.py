"""The async client of Lucit and its models; knows no Home Assistant."""
