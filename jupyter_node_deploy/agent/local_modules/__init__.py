"""Modules from the notebook's own folder: their sources, and what of them has changed since.

Runs in the user's kernel.
"""
