"""Which image a vote means: by sample id, else by its bytes, else by a path or name that it alone has."""

from collections.abc import Mapping
from pathlib import Path

from fact.data.image_names import ImageNames, unique_meanings
from fact.project.labels.vote import Vote


class Joiner:
    """Finds the image that a vote means, among ids, paths and checksums that are known."""

    def __init__(
        self, paths: Mapping[str, str], root: Path | None = None, checksums: Mapping[str, str] | None = None
    ) -> None:
        """Take paths and sha256 by sample id, and the folder that the paths are relative to."""
        self.ids, self.names = set(paths), ImageNames(paths, root)
        self.by_bytes = unique_meanings(
            (sha256, sample_id) for sample_id, sha256 in (checksums or {}).items()
        )

    def joined(self, vote: Vote) -> Vote:
        """Return the vote under the sample id of its image; as it is where it means none."""
        if vote.sample_id in self.ids:
            return vote
        found = self.by_bytes.get(vote.sha256) or self.names.find(vote.sample_id or vote.path)
        # the name was the id: there is no other path to compare it with
        return vote._replace(sample_id=found, path="") if found else vote
