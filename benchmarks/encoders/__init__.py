"""How well vectors of cells foretell accuracy: Fig. 3.2 of Yan 2022 (thesis), Tables 6 and 7 of
info-NAS.

    python -m benchmarks.encoders run  [--minutes 60]
    python -m benchmarks.encoders show

One cell is a view of NAS-Bench-101's cells (an encoder and how its nodes are pooled, or a control),
a predictor, how many cells it is fitted on and where these come from, and a seed. Tested on 20,000
others of more than 80 % test accuracy, as in both papers. They do not say whether the fitted cells
were cut there too; both are measured: `all` (2 % of them fail to train, and a predictor is drawn to
these) and `above 80 %`.
"""
