"""Fig. 9 and Table 9: do subsets rank architectures as full training does, and do architectures get
subsets of their own?

    python -m benchmarks.overlap run [rank | jaccard]
    python -m benchmarks.overlap show

Fig. 9: 24 unseen architectures (`ranking` of architectures.json) trained on all data (the truth)
and on subsets of 5 %; Kendall tau, and Jaccard of the best 15 and of the best 5. The paper ranks
more architectures, so its top 15 are fewer of them.
Table 9: subsets of 10 % for the five most dissimilar of 300 unseen architectures (farthest first in
the latent space); an adaptive selector's subset is the last one of its trial. Beside it: what two
random subsets share by chance, and what one architecture's subsets share between two seeds.
"""
