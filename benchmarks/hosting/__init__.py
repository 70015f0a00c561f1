"""What foreign loops are given: loaders, ranks, accounts, the situations of public bug reports.

python -m benchmarks.claims run cases|loader-hosts|ddp|accounts|summary|ends-well|loader-speed|
house|mutations
"""
