"""NNI's own searches on our subsets, in an environment of their own."""
