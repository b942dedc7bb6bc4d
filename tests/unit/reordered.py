"""The same configuration in another order of its keys."""


def backwards(value: object) -> object:
    """Mappings at any depth with their keys the other way round.

    Lists keep their order, which means something.
    """
    if isinstance(value, dict):
        return {key: backwards(inner) for key, inner in reversed(value.items())}
    return [backwards(inner) for inner in value] if isinstance(value, list) else value
