"""Learning curves (Yan 2022, 5): surrogates of Tables 5.2 and 5.3, the order that extrapolators
give, and what a rank keeps (Fig. 5.3), on the curves of NAS-Bench-NLP.

    python -m benchmarks.curves run [--minutes M]     what is missing
    python -m benchmarks.curves show                  the tables, with the thesis beside
"""
