"""Names of what a model is chosen among: recipes, each with and without a head on the pool."""


def with_pool(recipe: str, pool: bool) -> str:
    """Return the name of a recipe with a head on the pool, or of one without."""
    return f"{recipe} + pool" if pool else recipe


def without_pool(name: str) -> tuple[str, bool]:
    """Invert :func:`with_pool`."""
    return name.removesuffix(" + pool"), name.endswith(" + pool")
