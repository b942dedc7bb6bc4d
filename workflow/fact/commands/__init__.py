"""Commands of ``fact``, a file a group. They import what they need when they run, so that help is quick."""
