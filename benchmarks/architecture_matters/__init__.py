"""Does knowing the architecture help in choosing a subset, beyond the mean of other networks?

    python -m benchmarks.architecture_matters run  [--minutes 60]
    python -m benchmarks.architecture_matters show

Ten small networks of different kinds on `cifar10-sprites`. Teachers: each network trained on either
half of the pool, so that every example is answered about by a network that did not train on it.
Pupils: the same networks, on subsets chosen and taught by

    own      the same network's own teacher, of another seed: the oracle of every approximator
    mean     the mean of the nine other networks' teachers
    g_beta   the approximator, fitted to the nine others and asked about this one

fixed subsets of 1, 3, 10, 30 % (uniform, or drawn by SubSelNet's Eq. 8; labels or soft targets),
and 10 % drawn afresh every pass. All arms of a network and seed begin with the same weights.
"""
