"""Claim: on unseen architectures g_beta predicts the trained network at least as well as the mean
of the zoo that ignores the architecture.

    python -m benchmarks.approximator            from results/network_sample.npz
    python -m benchmarks.approximator --zoo ZOO  makes that file from a zoo on disk

The file holds fp16 log-probabilities of every trained network on 4,000 examples of the pool, drawn
once by seed; KL(m_theta* || .) is in nats, its mean over these examples and the five unseen
architectures. The floor is the KL between two trainings of one architecture that differ by seed.
"""
