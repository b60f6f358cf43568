"""The async client of LUX and its models; knows no Home Assistant."""
