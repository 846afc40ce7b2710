"""What a node has otherwise than the session in which its cell ran: found, and named in words.

Found in the kernel when a checkpoint is made, and in the dry run, which compares what it restored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(kw_only=True)
class Difference:
    """One thing that is lost, or comes back as another.

    Attributes:
        kind: ``value`` of a variable, ``patch`` of something installed that the notebook made,
            ``option`` of a package or of the process, ``module`` that a fresh interpreter imports
            otherwise, ``environment`` variable; of the dry run: ``alias`` of inputs that are one
            object (``before``: ``one``), share some (``shared``), or share some with variables
            that go along (``held``: the input comes first), ``input`` that arrives
            otherwise in a request, ``example`` that fails as a request (``detail``: why),
            ``output`` that is not as the notebook left it, ``file`` that goes along as it is
            now; of the smoke test: ``serving`` an answer that is not the dry run's.
        subject: what it is, as the user would write it: ``signal.rate``, ``pandas.DataFrame.geo``,
            ``pandas.options.display.width``, ``SHOP_REGION``.
        detail: what is otherwise, in words (``8000 in the notebook, missing in the node``).
        before: instead of that, for a value: it as it was in the notebook, null where it was not.
        after: as it is in the node.
        modules: top-level modules that it concerns: who uses none of them need not know; empty
            concerns everybody.
    """

    kind: Literal[
        "value",
        "patch",
        "option",
        "module",
        "environment",
        "alias",
        "input",
        "example",
        "output",
        "serving",
        "file",
    ]
    subject: str
    detail: str = ""
    before: str | None = None
    after: str | None = None
    modules: list[str] = field(default_factory=list)
