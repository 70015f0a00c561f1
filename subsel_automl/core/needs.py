"""What a provider needs of a pool and a zoo, checked before anything is computed."""

from __future__ import annotations

from .errors import MissingNeed, RefusedArtefact
from .pool import Pool
from .request import Needs
from .zoo import Zoo


def require(name: str, needs: Needs, pool: Pool, zoo: Zoo | None) -> None:
    """Refuse what a provider cannot do without, naming provider and pool.

    Raises:
        MissingNeed: the pool lacks it, or there is no zoo.
        RefusedArtefact: the zoo is about another pool.
    """
    have = {
        Needs.LABELS: (pool.labels is not None, *_classes(pool)),
        Needs.TARGETS: (bool(pool.task), "labels", "give Pool(labels=...)"),
        Needs.IMAGES: (pool.images is not None, "images", "give Pool(images=...)"),
        Needs.VALIDATION: (
            pool.validation is not None,
            "a validation split",
            "build it with Pool.split(validation=0.1)",
        ),
    }
    for need, (there, what, remedy) in have.items():
        if need in needs and not there:
            raise MissingNeed(
                f"provider {name!r} needs {what}; pool {pool.name!r} has none. {remedy}"
            )
    if Needs.ZOO in needs and zoo is None:
        raise MissingNeed(
            f"provider {name!r} needs a zoo of networks trained on pool {pool.name!r}; "
            "build one with `subsel zoo build`, or load a bundle"
        )
    if zoo is not None and zoo.pool_fingerprint != pool.fingerprint:
        raise RefusedArtefact(
            f"the zoo is about a pool with fingerprint {zoo.pool_fingerprint[:16]}; pool "
            f"{pool.name!r} has {pool.fingerprint[:16]}. Use the pool that the zoo was built on"
        )


def _classes(pool: Pool) -> tuple[str, str]:
    """What is missed, and what to do: another provider where the task has no classes."""
    if not pool.task:
        return "labels", "give Pool(labels=...)"
    return "classes", (
        f"Its task is {pool.task}: take a provider that needs no classes (random, k-center, "
        "facility-location, grad-match, subselnet-online)"
    )
