"""A project: own images from a folder to a model, in a folder of its own (docs/own_images.md)."""
