"""Bundles: everything that a cell needs to run anywhere, in one directory."""
