"""Options of the process and of packages: read in kernels, set in nodes' workers.

No variable holds them, and the cell behaves by them. The table says for each package how they are
read, what they are where nobody has set them, and how they are set; a package is looked at only if
it is loaded already. Standard library only.
"""

from .reader import OptionReader, Reading
from .setter import OptionSetter

__all__ = ["OptionReader", "OptionSetter", "Reading"]
