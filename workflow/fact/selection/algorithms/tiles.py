"""How large the tiles of a product are, so that the whole product never stands in memory."""

# elements of the largest tile: 4 MiB in float32
TILE_ELEMENTS = 2**20


def tile_rows(columns: int) -> int:
    """Return rows of a tile of a product with ``columns`` columns.

    At least 64, or the product would crawl.
    """
    return max(64, TILE_ELEMENTS // columns)
