"""Kill `fact label` at random moments while somebody labels: no label is lost, none is doubled.

    python tests/fault/label_drill.py [--kills 200] [--seed 0]

A client sends marks as the page does, one after the other and each under a name of its own. After a kill the
server is started again, and what was not said to be saved is sent again, under the same name.
"""

import argparse
import json
import random
import sys
import tempfile
import threading
import urllib.request
from collections import Counter
from http.client import HTTPException
from pathlib import Path

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from label_server import Served, served

IMAGES, CLASSES = 40, ("owl", "hawk", "heron")
LONGEST_S = 0.5


class Client:
    """Somebody who labels: ``said`` is every mark in order, ``saved`` those that were said to be saved."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.said: list[dict] = []
        self.saved: set[str] = set()

    def work(self, server: Served, *, goes_on: bool = True) -> None:
        """Send marks that the server may not have got; then, if it ``goes_on``, others until that is gone."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        try:
            opener.open(server.address).read()
            base = server.address.partition("?")[0]
            state = json.loads(opener.open(f"{base}state").read())
            waiting = [mark for mark in self.said if mark["event"] not in self.saved]
            for mark in waiting:
                self._send(opener, base, mark)
            while goes_on:
                self._send(opener, base, self._next(state))
        except (HTTPException, OSError):
            return

    def _next(self, state: dict) -> dict:
        key = self.random.choice(state["images"])[0]
        kind, choice = self.random.choice([("label", name) for name in CLASSES] + [("clear", "")])
        event = f"event {len(self.said)}"
        own = {"event": event, "image": key, "kind": kind, "choice": choice}
        self.said.append({**own, "annotator": "anna", "suggested": ""})
        return self.said[-1]

    def _send(self, opener: urllib.request.OpenerDirector, base: str, mark: dict) -> None:
        headers = {"content-type": "application/json", "origin": base.rstrip("/")}
        request = urllib.request.Request(f"{base}marks", json.dumps([mark]).encode(), headers)
        answer = json.loads(opener.open(request).read())
        self.saved.update(answer["saved"])


class LabelDrill:
    """A folder of images that is labelled under kills."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.client, self.random = folder, Client(seed), random.Random(seed)
        (folder / "images").mkdir()
        names = [f"{number}.png" for number in range(IMAGES)]
        for name in names:
            Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(folder / "images" / name)
        rows = [f"{rank},{name},{name},0" for rank, name in enumerate(names, start=1)]
        (folder / "chosen.csv").write_text("\n".join(["rank,sample_id,path,score", *rows]) + "\n")
        self.kills = 0

    def kill_until(self, kills: int) -> None:
        """Kill so many times at random moments of the labelling."""
        while self.kills < kills:
            with self._served() as server:
                # one of several may still be alive when the last connection breaks
                worker = threading.Thread(target=self.client.work, args=(server,))
                worker.start()
                worker.join(self.random.uniform(0, LONGEST_S))
                server.kill()
                worker.join()
                self.kills += 1

    def problems(self) -> list[str]:
        """What is wrong with the journal after all marks were sent again; nothing if all is well."""
        with self._served() as server:
            self.client.work(server, goes_on=False)
            server.kill()
        unsent = [mark["event"] for mark in self.client.said if mark["event"] not in self.client.saved]
        lines = (self.folder / "labels.jsonl").read_bytes().split(b"\n")[:-1]
        events = Counter(json.loads(line)["event"] for line in lines)
        lost = [f"lost: {event}" for event in sorted(self.client.saved - events.keys())]
        doubled = [f"doubled: {event}" for event, times in events.items() if times > 1]
        wrong = self._wrong([json.loads(line) for line in lines])
        return [f"unsent: {event}" for event in unsent] + lost + doubled + wrong

    def _wrong(self, lines: list[dict]) -> list[str]:
        """Images whose last word in the journal is not the last that was said."""
        said = {mark["image"]: mark["choice"] for mark in self._certain()}
        numbers = {line["event"]: line for line in lines}
        stands = {mark["image"]: numbers[mark["event"]]["choices"] for mark in self._certain()}
        return [f"wrong: {image}" for image in said if stands[image] != [said[image]] * bool(said[image])]

    def _certain(self) -> list[dict]:
        return [mark for mark in self.client.said if mark["event"] in self.client.saved]

    def _served(self):
        chosen = ("--selection", str(self.folder / "chosen.csv"), "--images", str(self.folder / "images"))
        return served(self.folder / "log.txt", *chosen, "--out", str(self.folder / "labels.csv"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        drill = LabelDrill(Path(folder), asked.seed)
        drill.kill_until(asked.kills)
        problems = drill.problems()
        said, saved = len(drill.client.said), len(drill.client.saved)
        print(f"{drill.kills} kills, {said} marks said, {saved} saved; problems: {problems or 'none'}")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
