"""The paper's numbers under our names: which row of which table stands beside which method."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks import paper
from subsel_automl.maths.metrics import kendall_tau

ROWS = {  # of table 8
    "glister": "GLISTER",
    "grad-match": "GradMatch",
    "el2n": "EL2N",
    "grand": "GraNd",
    "facility-location": "FacLoc",
    "pruning": "Pruning",
    "via-proxy": "Selection-via-Proxy",
    "predicted-loss": "Bottom-b-loss",
    "predicted-loss-gumbel": "Bottom-b-loss+gumbel",
    "subselnet-inductive": "Inductive-SUBSELNET",
    "subselnet": "Transductive-SUBSELNET",
}
DATA = {"fashion-mnist": "FMNIST", "cifar10": "CIFAR10"}
READERS = {"feed-forward": "Feedforward", "lstm": "LSTM", "attention": "Attn."}
SAMPLERS = {
    "predicted-uncertainty": "Uncertainty",
    "predicted-loss": "Loss",
    "subselnet-inductive": "Inductive",
}


def tradeoff(data: str, method: str, what: str, target: int) -> float | None:
    """ "speedup" or "memory" at a RAR of 10 or 20 %, Table 8; None where nothing is printed."""
    if data not in DATA or method not in ROWS:
        return None
    return paper.value(8, f"{ROWS[method]} / {DATA[data]}", f"{what} {target}%")


def reader_kl(reader: str, nodes: str) -> float | None:
    """KL of a model of Table 14."""
    return paper.value(14, f"{READERS[reader]} ({nodes})", "KL-div")


def reader_rar(reader: str, nodes: str, sampler: str, share: float) -> float | None:
    """RAR of Table 3 (H), or of Table 14 (A; the paper's sampler there is not named)."""
    column = f"{100 * share:g}%"
    if nodes == "H":
        if sampler not in SAMPLERS:
            return None
        return paper.value(3, f"{READERS[reader]} + {SAMPLERS[sampler]}", column)
    if sampler != "subselnet-inductive" or column not in ("5%", "10%"):
        return None
    return paper.value(14, f"{READERS[reader]} ({nodes})", column)


def order_note(ours: Mapping[str, float], theirs: Mapping[str, float], what: str) -> str:
    """How our order of methods agrees with the paper's, and the pairs that it turns round.

    Args:
        ours, theirs: larger is better, by method.
    """
    both = sorted(set(ours) & set(theirs), key=lambda name: -theirs[name])
    if len(both) < 2:
        return f"Order by {what}: fewer than two methods of the paper have a number here."
    turned = [
        f"{low} over {high}"
        for place, high in enumerate(both)
        for low in both[place + 1 :]
        if ours[low] > ours[high] and theirs[low] < theirs[high]
    ]
    tau = kendall_tau([ours[n] for n in both], [theirs[n] for n in both])
    if tau != tau:
        return f"Order by {what}: {len(both)} methods, all level here; there is nothing to compare."
    told = f"Order by {what} against the paper's, {len(both)} methods: Kendall tau {tau:.2f}."
    return f"{told} {_turned(turned)}"


def _turned(pairs: list[str]) -> str:
    if not pairs:
        return "No pair is the other way round."
    return f"The other way round here: {'; '.join(pairs)}."
