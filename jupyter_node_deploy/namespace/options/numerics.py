"""Options of packages that compute."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from typing import Any

from .entry import Calls, Entry, Setting, attribute, call

#: NumPy's, since there is an option of that name.
_PRINT = {
    "edgeitems": 3,
    "threshold": 1000,
    "floatmode": "maxprec",
    "precision": 8,
    "suppress": False,
    "linewidth": 75,
    "nanstr": "nan",
    "infstr": "inf",
    "sign": "-",
    "formatter": None,
    "legacy": False,
    "override_repr": None,
}
_ERRORS = {"divide": "warn", "over": "warn", "under": "ignore", "invalid": "warn"}


class Numpy(Entry):
    """How arrays are printed, and what floating-point errors do."""

    def live(self, module: Any) -> Any:
        return (
            module.get_printoptions(),
            module.geterr(),
            module.geterrcall(),
            module.getbufsize(),
        )

    def read(self, module: Any) -> dict[str, Any]:
        printing, errors, errcall, bufsize = self.live(module)
        return {
            **{f"printoptions.{name}": value for name, value in printing.items()},
            **{f"err.{name}": value for name, value in errors.items()},
            "errcall": errcall,
            "bufsize": bufsize,
        }

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {
            **{f"printoptions.{name}": value for name, value in _PRINT.items()},
            **{f"err.{name}": value for name, value in _ERRORS.items()},
            "errcall": None,
            "bufsize": 8192,
        }

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        parts: dict[str, dict[str, Any]] = {"printoptions": {}, "err": {}}
        for name, value in values.items():
            kind, _, option = name.partition(".")
            if option:
                parts[kind][option] = value
        if parts["printoptions"]:
            # What is left out stays, but for this one.
            kept = {"formatter": module.get_printoptions()["formatter"]}
            module.set_printoptions(**{**kept, **parts["printoptions"]})
        if parts["err"]:
            module.seterr(**parts["err"])
        if "errcall" in values:
            module.seterrcall(values["errcall"])
        if "bufsize" in values:
            module.setbufsize(values["bufsize"])


class Sklearn(Entry):
    """The configuration of the main thread."""

    def live(self, module: Any) -> Any:
        return module.get_config()

    def read(self, module: Any) -> dict[str, Any]:
        return dict(module.get_config())

    def defaults(self, module: Any) -> Mapping[str, Any]:
        # What threads begin with, which ``set_config`` leaves alone.
        return dict(module._config._global_config)

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        module.set_config(**values)


class Sympy(Entry):
    """What ``init_printing`` sets for all printers."""

    _known = ("order", "use_unicode", "wrap_line", "num_columns")

    def live(self, module: Any) -> Any:
        return dict(module.Printer._global_settings)

    def read(self, module: Any) -> dict[str, Any]:
        return {**dict.fromkeys(self._known), **self.live(module)}

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return dict.fromkeys(self.read(module))

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        settings = module.Printer._global_settings
        for name, value in values.items():
            if value is None:
                settings.pop(name, None)
            else:
                settings[name] = value


class Mapped(Entry):
    """Options that a function returns as a dict, and another one takes by name."""

    def __init__(self, module: str, get: str, put: str, defaults: Mapping[str, Any]) -> None:
        super().__init__(module)
        self._get, self._put, self._defaults = get, put, defaults

    def live(self, module: Any) -> Any:
        return dict(getattr(module, self._get)())

    def read(self, module: Any) -> dict[str, Any]:
        return self.live(module)  # type: ignore[no-any-return]

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {name: self._defaults.get(name) for name in self.read(module)}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        getattr(module, self._put)(**values)


def _threads(module: Any) -> int | None:
    """Return the number of threads, None for what torch chooses by the machine."""
    count: int = module.get_num_threads()
    return None if str(count) in _thread_counts() else count


@functools.cache
def _thread_counts() -> frozenset[str]:
    cores = os.cpu_count() or 1
    given = (os.environ.get(name, "") for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"))
    return frozenset((str(cores), str(cores // 2), str(len(os.sched_getaffinity(0))), *given))


def _set_threads(module: Any, count: int | None) -> None:
    if count is not None:
        module.set_num_threads(count)


def _dtype(module: Any) -> str:
    return str(module.get_default_dtype()).removeprefix("torch.")


def _device(module: Any) -> str | None:
    context = getattr(module, "_GLOBAL_DEVICE_CONTEXT", None)
    held = getattr(context, "device_context", None)
    return None if held is None else str(held.device)


def _deterministic(module: Any) -> tuple[bool, bool]:
    return (
        module.are_deterministic_algorithms_enabled(),
        module.is_deterministic_algorithms_warn_only_enabled(),
    )


def _printing(module: Any) -> dict[str, Any]:
    return dict(vars(module._tensor_str.PRINT_OPTS))


_TORCH = {
    "default_dtype": Setting(
        _dtype, lambda torch, name: torch.set_default_dtype(getattr(torch, name)), "float32"
    ),
    "default_device": Setting(_device, lambda torch, name: torch.set_default_device(name), None),
    "num_threads": Setting(_threads, _set_threads, None),
    "grad_enabled": call("is_grad_enabled", "set_grad_enabled", True),
    "anomaly_enabled": Setting(
        lambda torch: torch.is_anomaly_enabled(),
        lambda torch, value: torch.autograd.set_detect_anomaly(value),
        False,
    ),
    "deterministic_algorithms": Setting(
        _deterministic,
        lambda torch, value: torch.use_deterministic_algorithms(value[0], warn_only=value[1]),
        (False, False),
    ),
    "float32_matmul_precision": call(
        "get_float32_matmul_precision", "set_float32_matmul_precision", "highest"
    ),
    "backends.cudnn.enabled": attribute("backends.cudnn.enabled", True),
    "backends.cudnn.benchmark": attribute("backends.cudnn.benchmark", False),
    "backends.cudnn.deterministic": attribute("backends.cudnn.deterministic", False),
    "printoptions": Setting(
        _printing,
        lambda torch, values: vars(torch._tensor_str.PRINT_OPTS).update(values),
        {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80, "sci_mode": None},
    ),
}


def _parallel(module: Any) -> dict[str, Any] | None:
    """Return what ``parallel_config`` was given, by the backend's name."""
    config = getattr(module._backend, "config", None)
    if config is None:
        return None
    names = {kind: name for name, kind in module.BACKENDS.items()}
    default = module.default_parallel_config
    found = {name: value for name, value in config.items() if value is not default.get(name)}
    if "backend" in found:
        found["backend"] = names.get(type(found["backend"]), type(found["backend"]).__name__)
    return found


def _set_parallel(module: Any, values: Mapping[str, Any] | None) -> None:
    if values is None:
        module._backend.__dict__.pop("config", None)
    else:
        module.parallel_config(**values)


NUMERICS: list[Entry] = [
    Numpy("numpy"),
    Sklearn("sklearn"),
    Calls("torch", _TORCH),
    Mapped(
        "scipy.special",
        "geterr",
        "seterr",
        {
            **dict.fromkeys(("singular", "underflow", "overflow", "slow", "loss"), "ignore"),
            **dict.fromkeys(("no_result", "domain", "arg", "other"), "ignore"),
            "memory": "raise",
        },
    ),
    Mapped(
        "xgboost",
        "get_config",
        "set_config",
        {"verbosity": 1, "use_rmm": False, "use_cuda_async_pool": False, "nthread": 0},
    ),
    Calls(
        "mpmath", {"mp.prec": attribute("mp.prec", 53), "mp.pretty": attribute("mp.pretty", False)}
    ),
    Calls(
        "sympy.core.parameters",
        {
            f"global_parameters.{name}": attribute(f"global_parameters.{name}", value)
            for name, value in (("evaluate", True), ("distribute", True), ("exp_is_pow", False))
        },
    ),
    Sympy("sympy.printing.printer"),
    Calls(
        "sympy.printing.pretty.pretty_symbology", {"use_unicode": attribute("_use_unicode", True)}
    ),
    Calls("joblib.parallel", {"parallel_config": Setting(_parallel, _set_parallel, None)}),
]
