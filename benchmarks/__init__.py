"""The papers' tables, a folder a study.

cells     what is measured: settings, the cells in their order, and how their rows are read
run       measures what is missing
table     renders rows
claim     holds a bar against them

The three look at `cells` and it at none of them. `python -m benchmarks.STUDY` is each study's
command. What has nothing to split stands in folders by idea; what all share stands here.

Every command takes `--scale lite` (this machine) or `--scale paper` (the paper's sizes, on CUDA);
rows of another scale than lite are kept in results/<scale>/.
"""

import os
import sys

if "--scale" in sys.argv[:-1]:
    os.environ["SUBSEL_SCALE"] = sys.argv[sys.argv.index("--scale") + 1]
