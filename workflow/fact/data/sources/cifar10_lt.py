"""CIFAR-10-LT: a long tail of CIFAR-10 (:mod:`fact.data.long_tail`), read from the same files.

12,406 training images; 2,478 test images as the paper has them, or all 10,000.
"""

from fact.data.sources.cifar10 import CIFAR10

index = CIFAR10.index_tail
read_image = CIFAR10.read_image
download = CIFAR10.download
check_files = CIFAR10.check_files
expected_counts = CIFAR10.expected_tail_counts
