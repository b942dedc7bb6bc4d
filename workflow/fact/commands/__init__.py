"""Commands of ``fact``, one file per group.

They import what they need when they run, so that help is quick.
"""
