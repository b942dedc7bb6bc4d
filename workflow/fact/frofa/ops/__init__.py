"""The augmentations, one file each; :mod:`fact.frofa.contract` says what a file holds."""
