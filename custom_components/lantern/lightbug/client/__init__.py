"""The async client of Lightbug and its models; knows no Home Assistant."""
