"""How a configuration says where weights come from."""

# begins a `model` that is a local folder of timm's
LOCAL_DIR = "local-dir:"
# stands for weights where a backbone has none
RANDOM = "random"
SCHEMES = ("https://", "http://", "file://")


def is_url(weights: str) -> bool:
    """Return whether ``weights`` of a backbone names a file to download, rather than a local one."""
    return weights.startswith(SCHEMES)
