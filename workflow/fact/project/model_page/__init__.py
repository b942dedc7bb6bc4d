"""The page of a model: how good it is, where it is wrong, and what to label next, with pictures."""
