"""A contract type for import-linter: these modules import nothing but what is listed."""

import sys
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression


class OnlyContract(Contract):
    """The modules import the standard library, each other and what is allowed; nothing else.

    Options:
        modules: the packages or modules that are held to it.
        allowed: what they may import besides: own modules in full, other packages by name.
    """

    type_name = "only"

    modules = fields.SetField(subfield=fields.ModuleExpressionField())
    allowed = fields.SetField(subfield=fields.StringField(), required=False, default=frozenset())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        # Fields become what they hold.
        modules = cast("set[ModuleExpression]", self.modules)
        allowed = cast("set[str]", self.allowed)
        packages = [one.name for one in module_expressions_to_modules(graph, modules)]
        strangers = [
            (module, imported)
            for package in packages
            for module in {package} | graph.find_descendants(package)
            for imported in graph.find_modules_directly_imported_by(module)
            if imported.partition(".")[0] not in sys.stdlib_module_names
            and not any(f"{imported}.".startswith(f"{known}.") for known in {*packages, *allowed})
        ]
        return ContractCheck(kept=not strangers, metadata={"strangers": sorted(set(strangers))})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module, imported in check.metadata["strangers"]:
            output.print_error(f"{module} imports {imported}")
