"""CIFAR-100 from its published Python batches (:mod:`fact.data.cifar_batches`).

The 100 fine classes are the labels. ``root`` holds ``cifar-100-python/`` (or is that folder).
"""

from fact.data.cifar_batches import Batches

CIFAR100 = Batches(
    title="CIFAR-100",
    folder="cifar-100-python",
    meta="meta",
    names_key=b"fine_label_names",
    labels_key=b"fine_labels",
    files={"pool": ("train",), "test": ("test",)},
    classes=100,
    each={"pool": 500, "test": 100},
)

index = CIFAR100.index
read_image = CIFAR100.read_image
download = CIFAR100.download
check_files = CIFAR100.check_files
expected_counts = CIFAR100.expected_counts
