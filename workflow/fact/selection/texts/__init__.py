"""Captions of images and classes, and their embeddings by a text tower."""
