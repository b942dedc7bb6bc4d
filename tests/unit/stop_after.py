"""A stop flag that a training sees after some steps."""

from fact.training.interrupt import StopFlag


class StopAfter(StopFlag):
    """Is set at its n-th question, as a signal would set it at some step."""

    def __init__(self, questions: int) -> None:
        super().__init__()
        self.left = questions

    def __bool__(self) -> bool:
        self.left -= 1
        if self.left <= 0:
            self.signal = 15
        return self.left <= 0
