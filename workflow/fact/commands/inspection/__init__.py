"""What a file or folder of the results is, what made it, what depends on it, and whether it is whole."""
