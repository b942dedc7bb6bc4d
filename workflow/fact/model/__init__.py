"""From the labels of one's own images to a model: chosen inside the labelled set, measured, handed over."""
