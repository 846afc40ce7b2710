"""What a checkpoint says of a variable: preview, type, JSON form.

Runs in the user's kernel, and in processes forked from it.
"""
