"""Labels spread from the labelled images over the pool, by a graph of nearest neighbours."""
