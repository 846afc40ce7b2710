"""What a cell's code says, without running it: names it reads, needs, binds and mentions.

Runs in the user's kernel.
"""
