"""The papers' tables.

Every command takes `--scale lite` (this machine) or `--scale paper` (the paper's sizes, on CUDA);
rows of another scale than lite are kept in results/<scale>/.
"""

import os
import sys

if "--scale" in sys.argv[:-1]:
    os.environ["SUBSEL_SCALE"] = sys.argv[sys.argv.index("--scale") + 1]
