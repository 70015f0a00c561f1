"""`python -m subsel_automl.cli` is `subsel`."""

from . import main

main()
