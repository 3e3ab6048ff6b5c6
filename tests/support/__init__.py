"""Servers, proxies and harnesses that the tests share."""
