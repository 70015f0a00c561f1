"""A table of trials: configurations x length of the schedule x kind of data x seed, four problems.

    python -m benchmarks.trial_table run    [--problem fashion-mnist] [--minutes 60]
    python -m benchmarks.trial_table build  tables/*.npz of the rows so far
    python -m benchmarks.trial_table show

Every trial trains with a schedule that anneals to its end within its own length (restarted); its
way there is measured too, and that of the longest serves plans that continue trials. Seconds of
training are those of several networks at once, divided by their number (`together.py`).
FORMAT.md describes the files; `subsel_automl.testing.TrialTable` loads them.
"""
