"""Selectors that look at a model: the first images are bought without one, the rest by what it says."""
