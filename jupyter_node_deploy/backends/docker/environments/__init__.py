"""Environments: what the containers of cells are made from, installed once and shared."""
