"""Which jobs ask for a GPU; rules ask this, so that nothing heavy is imported here."""

from fact.commands.planning.jobs import Job
from fact.commands.planning.sizes import Sizes
from fact.config.settings import selects_on_device

# labelled images times classes, and images of a pool, from which on phase 1 takes a GPU
LARGE_FIT, LARGE_POOL = 2_000_000, 200_000
# rules that ask for a GPU, whatever the size of their jobs
GPU = (
    "pretrain_backbone",
    "extract_features",
    "extract_patterns",
    "tune_backbone",
    "refine_features",
    "refine_pool",
    "fit_head",
    "refine_maps",
    "train_segmentation_probe",
    "tune_segmenter",
    "fit_segmentation_head",
    "measure_distortion",
    "validate_recipe",
    "train_model",
    "estimate_model",
    "measure_bare_loop",
)


def wants_gpu(job: Job, sizes: Sizes) -> bool:
    """Return whether a job asks for a GPU: what trains or extracts, and phase 1 at the size of ImageNet.

    Smaller selections and probes take seconds on a CPU, and starting a job that holds a GPU takes twenty.
    """
    if job.rule == "train_probe":
        return sizes.labelled(job.names) * sizes.counts(job.names["dataset"]).classes >= LARGE_FIT
    if job.rule in ("select_samples", "select_second_step"):
        if not selects_on_device(sizes.config, job.names["selector"]):
            return False
    elif job.rule != "calibrate_labels":
        return job.rule in (*GPU, "refine_labelled", "refine_passing_maps")
    return sizes.counts(job.names["dataset"]).pool >= LARGE_POOL
