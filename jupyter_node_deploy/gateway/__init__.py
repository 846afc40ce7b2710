"""How requests reach nodes: routes, weights, tokens, folders, limits."""
