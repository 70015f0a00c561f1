"""Architecture search on subsets: SubSelNet Tables 4 and 12, Less-is-More Tables 1 to 4, ASP Tables
1 and 2, HM-NAS Table 2.5.

    python -m benchmarks.nas run  [--minutes 60] [--workers 2] [--tables subselnet,moser]
                                  [--methods random,full] [--searches spos,gdas]
    python -m benchmarks.nas show

One cell is one search. On NAS-Bench-201 (CIFAR-10 images) the cell that is found is scored by the
real table: test error after 200 epochs on three data sets. On DARTS cells (Fashion-MNIST) it is
trained on all data for the same steps and tested. The search cost is its CPU seconds with those of
fitting and asking the provider; the scoring is not in it.

"SubSelNet" on NAS-Bench-201 is `subselnet`, soft and redrawn, of the bundle of 16 networks in
bundles/cifar10-sprites/nasbench201; the same with labels and one subset a cell, as published, is
beside it. `zoo-mean` is the mean of the same networks, `random` with soft targets a uniform draw
with g_beta's predictions as targets. Their zoo is not on a search's bill; what it cost is told
below the table. `subselnet-online` needs none: the supernet itself teaches, after every epoch, as
search/base.py does. It is asked about 2.5 times the budget of examples, so that its lessons do not
cost more than the search. On DARTS cells "SubSelNet" is `subselnet-online`.

`proxy-entropy` trains its network for five epochs; `proxy-entropy-published` has Na et al.'s own
entropies of a ResNet-20 that was trained to the end. `transfer` reads EfficientNet features (extra
[features]), kept in the cache. What these two were given is not counted.

`full-equal-steps` searches on all data for as many steps an epoch as the subset allows. Subsets
that ignore the architecture and are not redrawn are fixed proxies (integrations/proxy_nas.py).
Sizes and deviations: nas/settings.py. In the hm-nas table all batches come from all data, STEPS an
epoch; the two cells of the heuristics are trained from new weights for three times the steps of the
tuning (600 against 200 epochs in the thesis), at the supernet's size.
"""
