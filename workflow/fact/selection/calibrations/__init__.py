"""Pseudo-labels: images of the pool that take the label of a labelled one, to finetune on more images."""
