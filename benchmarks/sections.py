"""The sections that the benchmarks' README and the report page share, each rendered from rows."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import methods
from benchmarks.ablation import encoders
from benchmarks.ablation.table import hybrid_table, models_table, references_table
from benchmarks.amortization import table as amortization
from benchmarks.correlation import table as correlation
from benchmarks.equal_cost import table as equal_cost
from benchmarks.hpo import table as hpo
from benchmarks.nas import subselnet as nas_subselnet
from benchmarks.nas import table as nas_table
from benchmarks.online import table as online
from benchmarks.overfit import table as overfit
from benchmarks.overlap import table as overlap
from benchmarks.tradeoff import selection_time
from benchmarks.tradeoff import table as tradeoff
from benchmarks.trials import FASHION

Section = tuple[str, str, str, Callable[[], str]]
RIVALS = f"Controls: {', '.join(methods.CONTROLS)}, with the same targets."
SECTIONS: tuple[Section, ...] = (
    (
        "tradeoff-fashion-mnist",
        "Trade-off, Fashion-MNIST (Tables 1 and 8, Figs. 2 and 3)",
        "Equal epochs, as in the paper: 10 passes over the subset. " + RIVALS,
        lambda: tradeoff.section(FASHION),
    ),
    (
        "tradeoff-cifar10",
        "Trade-off, CIFAR-10 (Table 8, Figs. 2 and 3)",
        "Equal epochs: 30 passes; a pool of 8,750 images. " + RIVALS,
        lambda: tradeoff.section("cifar10"),
    ),
    (
        "steps-fashion-mnist",
        "Equal cost, Fashion-MNIST",
        "The same steps for everybody; subsets of 10 % are redrawn at every pass.",
        lambda: equal_cost.table(FASHION),
    ),
    (
        "steps-cifar10",
        "Equal cost, CIFAR-10",
        "The same steps for everybody; subsets of 10 % are redrawn at every pass.",
        lambda: equal_cost.table("cifar10"),
    ),
    (
        "references",
        "Number of reference networks",
        "zoo-mean of the first k networks, each trained for so many epochs; 100 steps at 0.5 %, "
        "200 steps at 2 %.",
        references_table,
    ),
    (
        "models",
        "Approximators and inputs (Tables 3 and 14)",
        "KL and RAR on unseen networks; Fashion-MNIST here, CIFAR-10 in the paper.",
        models_table,
    ),
    (
        "encoders",
        "Encoders of g_beta (Table 14 with more inputs)",
        "KL of unseen networks from what g_beta foretells, over five networks and three seeds; the "
        "same 32 reference networks for all. Fashion-MNIST here, CIFAR-10 in the paper.",
        encoders.table,
    ),
    (
        "hybrid",
        "Hybrid (Fig. 4)",
        "B / b = 1 is inductive, the last is transductive.",
        hybrid_table,
    ),
    (
        "ranking",
        "Recommending architectures (Fig. 9)",
        "24 unseen architectures ranked on 5 % (ten passes) and on all data (one pass).",
        overlap.ranking,
    ),
    (
        "overlap",
        "Overlap of subsets (Table 9)",
        "Subsets of 10 % for the five most dissimilar of 300 unseen architectures.",
        overlap.overlaps,
    ),
    (
        "selection-time",
        "Selection time (Table 10)",
        "CPU seconds at 0.5 %; the paper's are of CIFAR-100.",
        selection_time.markdown,
    ),
    (
        "overfit",
        "Training, validation and test (Table 11)",
        "CIFAR-10, 30 passes.",
        overfit.table,
    ),
    (
        "hpo",
        "Hyper-parameter search (Tables 5 and 13)",
        "TPE and ASHA in Ray Tune, `rungs` in the place of ASHA; the winner is trained on all data "
        "with three seeds and tested. Speed-ups are of costs in epochs on all data; as read, of "
        "CPU seconds at one load of the machine. Fashion-MNIST here, CIFAR-10 in the paper.",
        hpo.table,
    ),
    (
        "correlation",
        "Ranking of 36 configurations (ASP, Table 5)",
        "Agreement with the ranking on all data, at equal cost; `full` trains on all data for as "
        "many steps as the subsets take.",
        correlation.table,
    ),
    (
        "online",
        "Learning while the search runs",
        "48 trials from a standing start, configurations the same in both arms; points over all "
        "data for equal steps, quarter by quarter of the search.",
        online.table,
    ),
    (
        "nas",
        "Architecture search on NAS-Bench-201 (SubSelNet Tables 4 and 12)",
        "Cells scored by the real table; the search cost is its CPU seconds. `subselnet` is of the "
        "bundle of 16 networks (with labels and fixed: as published), `subselnet-online` is taught "
        "by the supernet; `full-equal-steps` searches on all data for as many steps.",
        nas_subselnet.subselnet,
    ),
    (
        "nas-no-none",
        "The same with GDAS, no edge left empty",
        "Option `spell_none=false`: the supernet is the same; the strongest operation of an edge, "
        "`none` left out, is taken, as in DARTS cells.",
        nas_subselnet.no_none,
    ),
    (
        "nas-cells",
        "Architecture search on DARTS cells (SubSelNet Tables 4 and 12)",
        "Fashion-MNIST here, CIFAR-10 in the paper; cells trained on all data for equal steps.",
        nas_subselnet.darts_cells,
    ),
    (
        "nas-moser",
        "Proxy samplers (Less-is-More, Tables 1 to 4, Fig. 5)",
        "NAS-Bench-201 cells here, cells of five nodes in the paper.",
        nas_table.moser,
    ),
    (
        "nas-collapse",
        "Skip-only cells (Less-is-More, 4.4.2)",
        "Searches that ended in skip connections alone, over all r and seeds.",
        nas_table.collapse,
    ),
    (
        "nas-asp",
        "ASP with SPOS (ASP, Table 1)",
        "Half of the data; test accuracy from the table.",
        nas_table.asp,
    ),
    (
        "nas-asp-darts",
        "ASP with DARTS (ASP, Table 2)",
        "A tenth of the data; Fashion-MNIST here, CIFAR-10 in the paper.",
        lambda: nas_table.asp("asp-darts"),
    ),
    (
        "nas-hm",
        "HM-NAS (thesis, Table 2.5)",
        "DARTS cells on Fashion-MNIST; errors on held-out images.",
        nas_table.hm_nas,
    ),
    (
        "amortization",
        "Amortized cost (Table 6)",
        "Everything counted, both denominators.",
        amortization.table,
    ),
)
