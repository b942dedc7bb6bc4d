"""Second steps of a selection: they look at a model that was trained on the labels of the first."""
