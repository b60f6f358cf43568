"""Tests of Lantern: behaviour that a user would notice, over real sockets."""
