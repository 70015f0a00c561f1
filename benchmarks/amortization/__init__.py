"""What a subset costs once every second is counted: SubSelNet Table 6, over any number of trials.

    python -m benchmarks.amortization show

    T(m)  = (P + m c) / m         seconds an architecture once m have been queried
    T'(m) = (P + m c) / (k + m)   the paper's denominator: training and test architectures together

P is what is spent before the first query (zoo, encoder, g_beta, and every training that settings
were chosen by), c what one query costs (selection and training at 10 %), k the zoo's networks.
Nothing is trained here: P comes from the bundle's record and the rows of tuning, c from the rows of
the trade-off (all passes of the paper's protocol, CPU seconds, mean over architectures and seeds, a
training step at the same rate for all methods; fitting a selector to the pool counts into P).
`random` has no P at all, and everyone's RAR stands beside. `subselnet-online` has none either; its
c is that of `random-per-class` and a lesson (a forward pass over the pool, measured here).
"""
