"""What a claim's row says, in the words of the README's table."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks import asking, extrapolating
from benchmarks.spending import WORDS, Measured, estimate
from benchmarks.statistics import paired


def _leads(rows: Measured) -> str:
    return "; ".join(
        f"{name}: {estimate(row['lead'])}, bar {row['bar']:g}" for name, row in rows.items()
    )


def _fixed(m: Measured) -> str:
    alone = "; ".join(
        f"{name}: {estimate(found)}" for name, found in m["random_soft_over_random_labels"].items()
    )
    leads = _leads(m["leads_over_random_same_targets"])
    return f"{leads}; soft targets alone, on random: {alone}"


def _equal(m: Measured) -> str:
    full, random = m["leads_over_full_labels"], m["leads_over_random_same_targets"]
    return f"over full: {_leads(full)}; over random + soft: {_leads(random)}"


def _hpo(m: Measured) -> str:
    ours, full = m["subselnet"], m["full"]
    return (
        f"test error {ours['winner_test_error']} % against {full['winner_test_error']} %; "
        f"CPU {ours['ledger_cpu_seconds']} s against {full['ledger_cpu_seconds']} s "
        f"({m['speedup_cpu']} times), wall {ours['wall_seconds']} s against "
        f"{full['wall_seconds']} s ({m['speedup_wall']} times)"
    )


def _speed(m: Measured) -> str:
    one, two = m["transductive"], m["inductive"]
    return (
        f"first {one['first_seconds']} s; later {1000 * one['later_seconds']:.0f} ms transductive, "
        f"{1000 * two['later_seconds']:.0f} ms inductive; 100 architectures "
        f"{m['hundred_architectures_seconds']} s"
    )


def _selectors(m: Measured) -> str:
    ours, whole = m["ours"], m["whole_pool"]
    ratios = ", ".join(
        f"{name} {peer['times_as_fast']:g} times" if "times_as_fast" in peer else f"{name} {peer}"
        for name, peer in m["peers"].items()
    )
    return (
        f"facility location {ours['facility-location']['cpu_seconds']} s a pool of "
        f"{m['examples']:,}; against {ratios}; whole pool {whole['seconds']} s, "
        f"{whole['rss_growth_gb']} GB"
    )


def _tradeoff(m: Measured) -> str:
    told = [
        f"{name}: subselnet {bar['subselnet']:.1f}, best rival {bar['best_rival'][0]} "
        f"{bar['best_rival'][1]:.1f}"
        + (f" ({estimate(bar['factor'], '.2f')} times)" if bar["factor"] else "")
        for name, bar in m["bars"].items()
    ]
    now, before = m["soft_over_best_baseline_with_labels_at_10"].values()
    if now:
        told.append(f"soft over the best baseline with labels at 10 %: {now}, tuned once {before}")
    once = ", ".join(f"{name} {seconds:,.0f}" for name, seconds in m["once_cpu_seconds"].items())
    return "; ".join([*told, f"on no trial's bill, CPU s: {once}"])


def _table_5(m: Measured) -> str:
    best, ours = m["best"], m["subselnet"]
    rivals = [m["rivals"].get(name) for name in ("automata labels", "asp labels")]
    beside = [("AUTOMATA", rivals[0]), ("ASP", rivals[1]), (ours and ours["mode"], ours)]
    told = [
        f"{best['mode']} ({m['plan']}): {_cost_and_error(best)}",
        *(f"{name}: {_cost_and_error(one)}" for name, one in beside if one),
        f"{m['distinct_winners']} distinct winners of it and of full search on {m['seeds']} seeds",
    ]
    less = m["ahead"]["less_error"]
    told.append(f"with less error: {', '.join(less) or 'nobody'}")
    return "; ".join(told)


def _cost_and_error(one: Measured) -> str:
    return (
        f"{estimate(one['speedup_cpu'], '.1f')} times cheaper, "
        f"{estimate(one['more_error_than_full'])} points of error"
    )


def _online(m: Measured) -> str:
    quarters = ", ".join(estimate(one) for one in m["gain_by_quarter"])
    return (
        f"quarters {quarters} points; where the rival is above 60 % "
        f"{estimate(m['gain_where_rival_is_good'])}, elsewhere {estimate(m['gain_elsewhere'])}; "
        f"cost {m['cost_of_full'] or 'not run'} of full search's, "
        f"{estimate(m['cost_of_rival'], '.2f')} of that of equal steps"
    )


def _approximator(m: Measured) -> str:
    zoo_mean, ours = (dict(enumerate(m["each"][name])) for name in ("zoo_mean", "attention"))
    return (
        f"KL {m['attention']['mean']} against {m['zoo_mean']['mean']} (zoo-mean; paired "
        f"{estimate(paired(zoo_mean, ours).plain(4), '+.4f')} less) and "
        f"{m['floor_two_seeds']['mean']} (another seed)"
    )


def _correlation(m: Measured) -> str:
    best = m["best_subselnet"]
    taus = {best["mode"]: best["tau"], **m["rivals"]}
    told = ", ".join(f"{name} {estimate(tau, '.3f')}" for name, tau in taus.items())
    leads = ", ".join(f"{name} {estimate(lead, '+.3f')}" for name, lead in m["leads"].items())
    return f"{told}; lead over {leads}"


def _nas(m: Measured) -> str:
    return "; ".join(
        f"{search}: error {one['subselnet']['test_error'][0]:.2f} against "
        f"{one['full']['test_error'][0]:.2f} (paired {estimate(one['more_error_than_full'])}) "
        f"at {one['cost_of_full']:g} of the cost, {len(one['rivals_ahead'])} of the bar's rivals "
        f"ahead, {len(one['rivals_clearly_ahead'])} clearly; that subsets differ: "
        f"p {one['subsets_differ_p']:.2f}"
        for search, one in m["searches"].items()
    )


def _tasks(m: Measured) -> str:
    told = "; ".join(
        f"{one['problem']} against {one['rival']} {one['winner']['points']:+.2f} points "
        f"({one['winner']['interval'][0]:+.2f} to {one['winner']['interval'][1]:+.2f}: "
        f"{one['winner']['soft_is']})"
        for one in m["soft_against_labels"]
        if m["problems"][one["problem"]]["task"] in ("multi-label", "regression")
    )
    ended = m["cells"] - len(m["wrong"])
    return f"{ended} of {m['cells']} cells; error saved by soft targets, winners: {told}"


def _collapses(m: Measured) -> str:
    return "; ".join(
        f"{search} {sum(n for n, _ in by.values())} of {sum(n for _, n in by.values())}"
        for search, by in m["collapsed_of_searches"].items()
    )


SUMMARIES: dict[str, Callable[[Measured], str]] = {
    "fresh": lambda m: (
        f"install {m['install']['seconds']} s, demo {m['demo']['seconds']} s, test "
        f"{m['test']['seconds']} s ({m['test']['last_line'].strip('= ')})"
    ),
    "oldest": lambda m: (
        f"{m['passed']} passed, {m['skipped']} skipped, {m['failed']} failed in {m['seconds']} s "
        f"({m['versions']})"
    ),
    "space": lambda m: (
        f"{m['cells']:,} cells in {m['seconds']} s; {m['parameters_equal']:,} counts equal"
    ),
    "encoder": lambda m: (
        f"edges {100 * m['edge_accuracy']:.2f} %, operations {100 * m['operation_accuracy']:.2f} "
        f"%, {m['cpu_seconds']:.0f} CPU s"
    ),
    "approximator": _approximator,
    "selection-speed": _speed,
    "selector-speed": _selectors,
    "science-fixed": _fixed,
    "science-equal-cost": _equal,
    "hpo-demo": _hpo,
    "faults": lambda m: "; ".join(
        f"{name} {'held' if part['holds'] else 'FAILED'}" for name, part in m.items()
    ),
    "selectors": lambda m: f"{m['providers']} providers; {m['contract'].strip('= ')}",
    "tradeoff-fashion-mnist": _tradeoff,
    "tradeoff-cifar10": _tradeoff,
    "steps-saved": lambda m: "; ".join(
        f"{budget}: {estimate(one['subselnet_soft'], '.2f')} times, best rival "
        f"{one['best_rival'][0]} {one['best_rival'][1]:.2f}"
        for budget, one in m["budgets"].items()
    ),
    "references": lambda m: "; ".join(
        f"{epochs}: knee at {zoo['knee']['soft 0.5 %']} (soft, 0.5 %) and "
        f"{zoo['knee']['soft 2 %']} networks (soft, 2 %)"
        for epochs, zoo in m["zoos"].items()
    ),
    "paper-tables": lambda m: f"cells not run: {sum(m['cells_not_run'].values())}",
    "plug-in": lambda m: str(m["pytest"]).strip("= "),
    "examples": lambda m: "; ".join(
        f"{name}: {part['changed_lines']} lines, {part.get('times_cheaper', '?')} times cheaper"
        for name, part in m.items()
    ),
    "own-model": lambda m: f"{m['trials']} trials, best validation {m['best_accuracy']:.3f}",
    "hpo": _table_5,
    "correlation": _correlation,
    "online": _online,
    "search-faults": lambda m: "; ".join(
        f"{name}: {part['faults']} faults, {part['trials_ended']} trials ended, "
        f"{part['epochs_in_ledger']} of {part['epochs_in_own_log']} epochs"
        for name, part in m.items()
    ),
    "shared-study": lambda m: "; ".join(m["pytest"]),
    "nas-space": lambda m: (
        f"{m['best_cifar10']} / {m['best_cifar100']} / {m['best_imagenet16-120']}; "
        f"{m['unique_cells']:,} unique; parameters equal in {m['parameters_equal']:,}, in "
        f"{m['parameters_of_a_twin']} rows the table has a twin's"
    ),
    "hypergradient": lambda m: f"relative error {m['relative_error']:.2g}",
    "nas-matrix": lambda m: (
        f"{m['ended']} searches: {m['searches']} kinds, {m['subsets']} subsets, "
        f"{len(m['spaces'])} spaces; {len(m['failed'])} failed"
    ),
    "nas-tables": _nas,
    "hm-nas": lambda m: (
        ", ".join(f"{level} {one['error'][0]:.2f} %" for level, one in m["levels"].items())
        + f"; masks remove {100 * (m['removed_share'] or 0):.1f} % of the parameters"
    ),
    "nas-collapse": _collapses,
    "nas-resume": lambda m: "; ".join(
        f"{name}: killed after {one['killed_after_epochs']} of {one['of_epochs']} epochs, "
        f"{'same cell' if one['same_cell'] else 'ANOTHER cell'}"
        for name, one in m["searches"].items()
    ),
    "idioms": lambda m: (
        f"{m['holding']} of {m['of']} scripts; at most "
        f"{max(one['changed_lines'] for one in m['scripts'].values())} changed lines, "
        f"{sum(one['lessons'] or 0 for one in m['scripts'].values())} lessons"
    ),
    "cases": lambda m: (
        f"{m['right']} of {m['situations']} situations; tests of {m['kinds_tested']} kinds pass"
    ),
    **dict.fromkeys(
        ("evidence", "house", "loader-hosts", "ddp"),
        lambda m: f"{m['passed']} tests passed, {len(m['failed'])} failed, {m['skipped']} skipped",
    ),
    "accounts": lambda m: "; ".join(
        f"{one['host']}: columns within "
        f"{100 * max(abs(v) for v in one['apart'].values()):.1f} %, process "
        f"{100 * one['process_apart']:+.2f} %"
        for one in m["hosts"]
    ),
    "summary": lambda m: "; ".join(
        f"{one['host']}: {one['estimate_cpu_seconds']:.0f} CPU s estimated, "
        f"{one['really_cpu_seconds']:.0f} spent ({100 * one['apart']:+.1f} %)"
        for one in m["hosts"]
    ),
    "loader-speed": lambda m: "; ".join(
        f"{one['items']}, {one['workers']} workers: {one['ratio']} "
        f"({one['interval'][0]} to {one['interval'][1]})"
        for one in m["cells"]
    ),
    "tasks": _tasks,
    "ends-well": lambda m: (
        f"{len(m['searches']) - len(m['wrong'])} of {len(m['searches'])} searches; "
        f"{sum(len(one['said']) for one in m['searches'])} warnings, "
        f"{sum(one.get('lessons') or 0 for one in m['searches'])} lessons"
    ),
    "lesson-cost": lambda m: (
        "; ".join(
            f"{name}: {one['ratio']} ({one['interval'][0]} to {one['interval'][1]})"
            for name, one in m["ratios"].items()
        )
        + f"; loss of the teachers' mean {m['teachers']['heard_loss']} (asked of all: "
        f"{m['teachers']['asked_loss']}); pupils' accuracy, soft against plain: "
        f"{m['gain_of_soft']['points']} points ({m['gain_of_soft']['interval'][0]} to "
        f"{m['gain_of_soft']['interval'][1]})"
    ),
    **WORDS,
    **asking.WORDS,
    **extrapolating.WORDS,
    "mutations": lambda m: f"{m['caught']} of {m['mutations']} caught",
    "nni": lambda m: "; ".join(
        [str(m["tests"])]
        + [
            f"{name}: {one['test_percent']} % in {one['cpu_seconds']} CPU s"
            for name, seeds in m.get("subsets", {}).items()
            for one in seeds
        ]
    ),
    "bad-input": lambda m: str(m["pytest"]),
    "cli": lambda m: f"help {m['help_seconds_median']} s; JSON clean",
}
