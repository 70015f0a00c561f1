"""The selectors as a whole: contract, plug-ins, speed against the libraries they come from."""
