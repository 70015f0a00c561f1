"""Does the ranking of configurations on a subset agree with the ranking on all data? (ASP Table 5)

    python -m benchmarks.correlation run  [--minutes 60] [--workers 2] [--methods random,subselnet]
    python -m benchmarks.correlation show

36 configurations drawn from D.4's space (optimizer and schedule), one unseen architecture of
Fashion-MNIST. The truth is two passes over all data; a mode at ratio r trains every configuration
for a share r of these steps, at equal cost: on a fixed subset of r n examples (two passes), on one
that is redrawn every pass, with labels or soft targets; `full` trains on all data for as many
steps. Kendall's tau, Pearson's rho, Spearman's s between the accuracies of a mode (mean over no
seeds: each seed ranks for itself) and of the truth (mean over its seeds); top-3 regret is the best
true accuracy less the best among a mode's first three, in points. The table gives means over seeds,
and Kendall's interval of 95 % over configurations, which the seeds share.

Deviations of ASP: five ratios of an unstated number of epochs there, three of two passes here;
configurations are drawn, theirs are not given. Adaptive selectors, whose warm-up alone is longer
than a trial of r = 0.1, are left out.
"""
