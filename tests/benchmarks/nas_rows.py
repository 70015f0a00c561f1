"""Rows of searches with known results, and digits in place of CIFAR-10."""

from __future__ import annotations

import json

from benchmarks.nas import cells as nas

SKIPS = {"cell": ["skip_connect"] * 6}
SMALL = {"epochs": 2, "batch": 16, "channels": 2, "cells": 1, "stem_stride": 1}


def row(cell, error=7.0, cpu=10.0, collapsed=False):
    """As `search.run_search` gives it."""
    return {
        "cell": cell,
        "genotype": SKIPS if collapsed else {"cell": ["nor_conv_3x3"] * 6},
        "collapsed": collapsed,
        "test_error": error,
        "percent": {"cifar10": 100 - error, "cifar100": 70.0, "imagenet16-120": 40.0},
        "cpu_seconds": cpu,
        "fit_cpu_seconds": 0.0,
        "weight_steps": 200 if cell["budget"] == 1 else 20,
        "architecture_steps": 0,
        "parameters": 1000,
        "notes": {"removed_share": 0.25},
    }


def write(path, rows):
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))


def on_digits(search, mode=("random", "labels", 0), budget=0.2, seed=0, **options):
    """A cell that takes seconds."""
    given = {**SMALL, **options}
    return nas.cell(search, "nasbench201", mode, budget, seed, data="digits", options=given)
