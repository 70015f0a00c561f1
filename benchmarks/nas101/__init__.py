"""Searches on the complete tables of NAS-Bench-101 and -201: regret by query, in seconds.

    python -m benchmarks.nas101 run [--minutes 30]     goes on where it stopped
    python -m benchmarks.nas101 show                   tables beside the papers' numbers

NAS-Bench-101's table has test accuracies alone, so a search that reads it picks by what it is
scored by ("noiseless reading"); beside it a reading with noise of 0.25 points. NAS-Bench-201 is
read by validation accuracy and scored by test accuracy.
"""
