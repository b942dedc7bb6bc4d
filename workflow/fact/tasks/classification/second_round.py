"""A second phase 2, on more images than were labelled, in about the time of the first."""

from fact.config.settings import evaluation_epochs
from fact.infra.fields import Settings

LEAST_EPOCHS = 5


def shortened(settings: Settings, labelled: int, images: int) -> Settings:
    """Return settings of phase 2 under which ``images`` are seen ``pseudo_cost`` times what ``labelled``
    would be.

    Epochs and warm-up shrink alike; a batch is no larger than the labelled set, so that each image of an
    epoch brings as many steps as before. Without ``pseudo_cost``, and where there are no more images,
    nothing changes.
    """
    training = settings["training"]
    cost = training.get("pseudo_cost")
    if not cost or images <= labelled:
        return settings
    share = min(1.0, cost * labelled / images)
    epochs = max(LEAST_EPOCHS, round(training["epochs"] * share))
    own = {
        "epochs": epochs,
        "warmup_epochs": min(epochs - 1, round(training["warmup_epochs"] * share)),
        "batch_size": min(training["batch_size"], labelled),
    }
    shorter = {**training, **own}
    scored = {"epochs": evaluation_epochs(shorter, settings["history"])}
    return {**settings, "training": shorter, "evaluation": {**settings["evaluation"], **scored}}
