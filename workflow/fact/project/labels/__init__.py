"""Labels out and back: chosen images handed to people and tools that label, and joined by sample id."""
