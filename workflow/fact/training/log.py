"""The log of a training: losses, scores and seconds, kept with its resume state."""

from fact.infra.fields import Settings
from fact.infra.process.clock import Clock
from fact.infra.process.progress import log
from fact.training.resume import NoResumption, ResumeFile, ResumePlan, Resumption, fingerprint


class TrainingLog:
    """History and seconds of one training. ``clock`` may be shared with what is around it.

    ``label`` begins each line of the log; every ``every``-th entry is printed.
    """

    def __init__(self, clock: Clock | None = None, label: str = "", every: int = 1) -> None:
        self.clock, self.label, self.every = clock or Clock(), label, every
        self.history: list[dict[str, float]] = []

    def add(self, unit: str, number: int, total: int, loss: float, **scores: float) -> None:
        """Add the mean loss, and scores, at a 0-based epoch or after a number of iterations, of ``total``."""
        self.history.append({unit: number, "loss": loss, **scores})
        if len(self.history) % self.every == 0:
            done = number + 1 if unit == "epoch" else number
            numbers = ", ".join(f"{key} {value:.4f}" for key, value in {"loss": loss, **scores}.items())
            log(f"{self.label}{unit} {done} of {total}: {numbers}")

    def state_dict(self) -> dict[str, object]:
        """Return history and seconds as plain JSON types."""
        return {"history": self.history, "seconds": self.clock.seconds()}

    def load_state_dict(self, state: Settings) -> None:
        """Go on from the history and seconds of an interrupted training."""
        self.history.extend(state["history"])
        self.clock.add(state["seconds"])

    def resumption(self, plan: ResumePlan | None, *parts: object) -> Resumption:
        """Return the training's resumption; ``parts`` (plain JSON and tensors) are all that decides it."""
        if plan is None:
            return NoResumption()
        file = ResumeFile(plan.path, fingerprint(plan.code, *parts))
        return Resumption(file, plan.minutes, stop=plan.stop, kept=self)
