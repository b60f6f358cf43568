"""Tests of the request path and the token keeper, over real sockets."""
