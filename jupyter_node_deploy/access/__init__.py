"""Who may call what: folders, tokens, aliases, secrets, and the keys behind them.

Runs in the server.
"""
