"""What a training has told so far: losses and seconds, kept with its resume state."""

from fact.infra.process.clock import Clock
from fact.infra.process.progress import log
from fact.tasks.segmentation.loop import OnReport
from fact.training.resume import ResumeFile, ResumePlan, Resumption, resume_key


class Journal:
    """Losses and seconds of one training. ``clock`` may be shared with what is around it."""

    def __init__(self, clock: Clock, label: str, iterations: int) -> None:
        self.clock, self.label, self.iterations = clock, label, iterations
        self.history: list[dict] = []

    @property
    def on_report(self) -> OnReport:
        """What the training loop calls."""

        def report(iteration: int, loss: float) -> None:
            self.history.append({"iteration": iteration, "loss": loss})
            log(f"{self.label}: iteration {iteration} of {self.iterations}, loss {loss:.4f}")

        return report

    def resumption(self, plan: ResumePlan, *course: object) -> Resumption:
        """The training's resumption; ``course`` (plain JSON and tensors) is all that decides it."""
        file = ResumeFile(plan.path, resume_key(plan.code, *course))
        return Resumption(file, plan.every, plan.stop, self._account, self._recall)

    def _account(self) -> dict:
        return {"history": self.history, "seconds": self.clock.seconds()}

    def _recall(self, saved: dict) -> None:
        self.history.extend(saved["history"])
        self.clock.add(saved["seconds"])
