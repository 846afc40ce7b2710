"""All that saved streams name of this program: nothing else of it ever occurs in saved data.

A function here is part of the saved format: what was written with it must be read by all later
versions, so it keeps its name, its module and the arguments that it takes. The pickler refuses
what is made of any other module of this program; ``tests/support/saved_names.py`` lists what is
frozen.
"""
