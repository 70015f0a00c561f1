"""The table of claims: name, bar, and the function that measures it (`claims.py` runs them)."""

from __future__ import annotations

from benchmarks.asking import ASKING
from benchmarks.extrapolating import EXTRAPOLATING
from benchmarks.spending import SPENDING
from benchmarks.standing import Claim

EQUAL, FIXED = "science_equal_cost.jsonl", "science_fixed.jsonl"
FASHION, CIFAR = "tradeoff_fashion_mnist.jsonl", "tradeoff_cifar10.jsonl"
TUNED, NAS = ("tuning.jsonl", "tuning_fixed.jsonl"), ("nas.jsonl", "nas_again.jsonl")
OVERLAP = ("overlap_rank.jsonl", "overlap_jaccard.jsonl")
CLAIMS = {
    claim.name: claim
    for claim in (
        Claim(
            "fresh",
            "fresh clone and environment: make demo within 6 min after installation, make test "
            "within 12 min with it",
            "commands.fresh:measure",
        ),
        Claim(
            "oldest",
            "make test-oldest: no test fails on the oldest versions that the ranges admit",
            "commands.oldest:measure",
        ),
        Claim(
            "space",
            "423,624 cells with keys in at most 60 s; all parameter counts equal the table's",
            "spaces.nasbench101:measure",
        ),
        Claim(
            "encoder",
            "held-out edges and operations rebuilt to at least 99 %, training at most 10 min",
            "subselnet.encoder:measure",
        ),
        Claim(
            "approximator",
            "KL to unseen trained networks at most that of zoo-mean",
            "approximator.claim:measure",
        ),
        Claim(
            "selection-speed",
            "first call at most 2 s, later ones 30 ms, 100 architectures 1.5 s",
            "subselnet.speed:measure",
        ),
        Claim(
            "selector-speed",
            "facility location and k-center at least 3 times as fast as any peer that installs, at "
            "99 % of its objective; whole pool of 50,000 in 60 s and 1 GB",
            "selectors.speed:measure",
        ),
        Claim(
            "science-fixed",
            "points over random with the same targets, whole interval: labels 2 at 0.5 %, 1 at "
            "2 %; soft 0 at both",
            "science.claim:measure_fixed",
            rows=(FIXED,),
        ),
        Claim(
            "science-equal-cost",
            "redrawn + soft at 150 and 300 steps, whole interval: 1 point over full data, 0 over "
            "random redrawn + soft",
            "science.claim:measure_equal",
            rows=(EQUAL,),
        ),
        Claim(
            "hpo-demo",
            "the demo's search (12 trials, TPE + ASHA) on 10 %, and the same search on full data",
            "hpo.demo:measure",
            report=True,
        ),
        Claim(
            "faults",
            "after kill -9 of zoo build, worker, driver: nothing finished lost, nothing twice",
            "faults.claim:measure",
        ),
        Claim(
            "selectors",
            "`subsel list` says all of every selector; the contract passes over all of them",
            "selectors.claim:measure_selectors",
        ),
        Claim(
            "tradeoff-fashion-mnist",
            "speed-up of subselnet at or above every baseline and control with the same targets: "
            "labels at 20 % RAR, soft at 10 %",
            "tradeoff.claim:measure_fashion",
            rows=(FASHION, "retired_fixed_soft.jsonl", *TUNED),
        ),
        Claim(
            "tradeoff-cifar10",
            "the same on CIFAR-10",
            "tradeoff.claim:measure_cifar",
            rows=(CIFAR, "tuning_cifar10.jsonl"),
        ),
        Claim(
            "steps-saved",
            "subselnet redrawn + soft, 10 % and 2 %: saves 1.4 times the steps of full data at "
            "95 % of full accuracy, whole interval, and no rival saves more, controls neither",
            "equal_cost.claim:measure_steps_saved",
            rows=(EQUAL, FASHION),
        ),
        Claim(
            "references",
            "the knee in the number of reference networks, and the break-even that follows",
            "ablation.claim:measure_references",
            rows=("ablation_references_trials.jsonl", FASHION, EQUAL, *TUNED),
            report=True,
        ),
        Claim(
            "paper-tables",
            "Tables 3, 9, 11, 14, Figs. 4 and 9 at lite scale",
            "paper_claim:measure",
            rows=("ablation_hybrid_trials.jsonl", *OVERLAP, "overfit.jsonl"),
            report=True,
        ),
        Claim(
            "plug-in",
            "a selector from outside is in CLI, contract and benchmarks",
            "selectors.claim:measure_plug_in",
        ),
        Claim(
            "examples",
            "three plain scripts and their subset-aware twins: changed lines and cost",
            "hosts.claim:measure",
            report=True,
        ),
        Claim(
            "own-model",
            "subsel tune --model FILE:FUNCTION --data FILE.npz searches a network in no space",
            "hosts.claim:measure_own_model",
            report=True,
        ),
        Claim(
            "hpo",
            "Table 5 (D.4's space): rungs on 10 %, random-per-class redrawn, 8 times cheaper in "
            "CPU seconds than full search, test error within 0.5 points of its, whole intervals; 6 "
            "distinct winners on 3 seeds each; AUTOMATA, ASP, SubSelNet and controls beside",
            "hpo.claim:measure",
            rows=("hpo.jsonl", "hpo_winners.jsonl"),
        ),
        Claim(
            "correlation",
            "r = 0.1, labels: Kendall's tau of the best SubSelNet mode 0.05 above random's and "
            "above all data's for equal steps, whole interval",
            "correlation.claim:measure",
            rows=("correlation.jsonl",),
        ),
        Claim(
            "online",
            "48 trials from nothing: below a fifth of full search's cost; at equal steps no "
            "quarter below all data, the last two 0.5 points above, whole interval; winner no "
            "worse",
            "online.claim:measure",
            rows=("online.jsonl",),
        ),
        Claim(
            "search-faults",
            "20 worker kills, 20 driver kills, 20 exceptions, 20 NaNs: the undisturbed run's "
            "trials; every reported epoch in the ledger, no attempt twice, their number within 5 % "
            "of the trials' own log",
            "faults.search_claim:measure",
        ),
        Claim(
            "shared-study",
            "two Optuna processes on one study: every trial once, one selection an architecture; "
            "reused Ray actors choose what fresh ones do",
            "hosts.claim:measure_shared",
        ),
        Claim(
            "nas-space",
            "NAS-Bench-201: best cells 94.37 / 73.51 / 47.31, 6,466 unique cells, parameters as "
            "the table's, or as its twin's, for all 15,625",
            "spaces.nasbench201:measure",
        ),
        Claim(
            "hypergradient",
            "second-order DARTS gradient within 1 % of the exact hypergradient",
            "nas.hypergradient:measure",
        ),
        Claim(
            "nas-matrix",
            "every search with every subset that needs no zoo, on both cell spaces, finds a cell",
            "nas.matrix:measure_matrix",
        ),
        Claim(
            "nas-tables",
            "NAS-Bench-201: SPOS or GDAS with SubSelNet at 10 % within 1 point of all data, whole "
            "interval, at a fifth of the cost; no fixed proxy, random subset, equal-steps search "
            "ahead",
            "nas.claim:measure_tables",
            rows=NAS,
        ),
        Claim(
            "hm-nas",
            "Table 2.5: error falls from single level to multi level to masks",
            "nas.claim:measure_hm_nas",
            rows=NAS,
        ),
        Claim(
            "nas-collapse",
            "the share of skip-only cells by sampler and search",
            "nas.claim:measure_collapse",
            rows=NAS,
            report=True,
        ),
        Claim(
            "nas-resume",
            "kill -9 of subsel nas and --resume: the cell and curve of the undisturbed search",
            "nas.matrix:measure_resume",
        ),
        Claim(
            "nni",
            "NNI's one-shot DARTS trains on our subset in its own environment (bash .ci/nni)",
            "nni.claim:measure",
        ),
        Claim("bad-input", "every bad input has a typed error", "commands.cli:measure_bad_input"),
        Claim(
            "cli",
            "subsel --help under 0.3 s; select --json is clean JSON",
            "commands.cli:measure_cli",
        ),
        Claim(
            "cases",
            "every situation of ../shared/cases ends right or in a typed refusal, and a test of "
            "its kind passes",
            "hosting.cases:measure",
        ),
        Claim(
            "evidence",
            "every number of this table is what its rows come to today",
            "evidence:measure",
        ),
        Claim(
            "house",
            "no import circle in package and benchmarks, no arrow up, the wheel holds the disk",
            "hosting.tested:house",
        ),
        Claim(
            "loader-hosts",
            "PyTorch, Lightning, HF Trainer, Accelerate, skorch, Ray: subsets and orders are those "
            "of the undisturbed run",
            "hosting.tested:loader_hosts",
        ),
        Claim(
            "ddp",
            "two ranks: disjoint parts, union the subset, equal steps; TorchTrainer inside Tune",
            "hosting.tested:ddp",
        ),
        Claim(
            "accounts",
            "injected sleeps and spins in the right column within 5 %; each host's bill sums to "
            "its process's CPU time within 5 %",
            "hosting.accounts:measure",
        ),
        Claim(
            "summary",
            "what a search on a fifth of the data says that all data would have cost is within "
            "20 % of what all data cost, in Optuna, Ray and SubsetTrainable",
            "hosting.saved:measure",
        ),
        Claim(
            "loader-speed",
            "at most 1.05 times the CPU seconds a step of a plain DataLoader, 0 and 2 workers",
            "hosting.speed:measure",
        ),
        Claim(
            "idioms",
            "16 scripts in the shapes that people have: at most 3 changed lines (6 where a trial "
            "splits its data), plain and subset-aware run, lessons stored, summary printed",
            "hosting.idioms:measure",
        ),
        Claim(
            "lesson-cost",
            "a search that learns costs at most 1.08 times the CPU seconds of one that does not, "
            "on redrawn subsets (soft, labels) and on fixed ones",
            "hosting.lesson_cost:measure",
        ),
        Claim(
            "tasks",
            "classification, binary, multi-label, regression by every provider that can, end to "
            "end: winners beat the mean or majority; providers that need classes refuse the rest",
            "tasks.claim:measure",
        ),
        Claim(
            "ends-well",
            "a network that can't be traced, two that fail in their lesson, a loss that takes no "
            "soft targets, in three hosts: each search is done, and one sentence says it",
            "hosting.endings:measure",
        ),
        Claim(
            "mutations",
            "three faults that no test had noticed and twelve more are each caught by a test",
            "hosting.mutations:measure",
        ),
        *(*SPENDING, *ASKING, *EXTRAPOLATING),
    )
}
