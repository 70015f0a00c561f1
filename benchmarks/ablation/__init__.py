"""Ablations: Tables 3 and 14, Fig. 4, and the number of reference networks.

    python -m benchmarks.ablation fit ZOO [--data fashion-mnist]      the models of Tables 3 and 14
    python -m benchmarks.ablation encoders ZOO                        Table 14 with every encoder
    python -m benchmarks.ablation run                                 their trials, and Fig. 4's
    python -m benchmarks.ablation references ZOO EPOCHS               means of 1, 2, 4 ... networks
    python -m benchmarks.ablation show

Table 3: three readers of node embeddings (with the same head: deviation [5] of `approximator.py`)
times three samplers; Table 14: embeddings H or the graph A. KL is of the model on unseen, fully
trained networks (results/network_sample.npz). Fig. 4: hybrid with B / b from 1 to n / b.
`encoders` asks for a zoo that keeps features (`benchmarks.zoo.build --keep-features 1250`).
Reference networks: `zoo-mean` of the first k networks of a zoo trained for so many epochs.
"""
