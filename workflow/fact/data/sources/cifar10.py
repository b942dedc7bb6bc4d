"""CIFAR-10 from its published Python batches (:mod:`fact.data.cifar_batches`).

``root`` holds ``cifar-10-batches-py/`` (or is that folder).
"""

from fact.data.cifar_batches import Batches

CIFAR10 = Batches(
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    meta="batches.meta",
    names_key=b"label_names",
    labels_key=b"labels",
    files={"pool": tuple(f"data_batch_{number}" for number in range(1, 6)), "test": ("test_batch",)},
    classes=10,
    each={"pool": 5_000, "test": 1_000},
)

index = CIFAR10.index
read_image = CIFAR10.read_image
download = CIFAR10.download
check_files = CIFAR10.check_files
expected_counts = CIFAR10.expected_counts
