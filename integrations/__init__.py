"""Adapters for other tools, imported as `subsel_automl.integrations`."""

if __name__ == "integrations":
    raise ImportError(
        "this folder is installed as 'subsel_automl.integrations': run `pip install -e .` in the "
        "project's folder and import that name instead of 'integrations'"
    )
