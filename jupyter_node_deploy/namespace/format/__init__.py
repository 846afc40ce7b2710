"""All that saved streams name: nothing else of ours may ever occur in saved data.

A name, a module or a signature here is part of the saved format: what was written with it must be
read by all later versions.
"""
