"""CIFAR-100-LT: a long tail of CIFAR-100 (:mod:`fact.data.long_tail`), read from the same files.

10,847 training images; 2,131 test images by the rule that gives CIFAR-10-LT the paper's 2,478, or all 10,000.
For this data set the paper prints the 8,144 and 8,041 of Stanford Cars.
"""

from fact.data.sources.cifar100 import CIFAR100

index = CIFAR100.index_tail
read_image = CIFAR100.read_image
download = CIFAR100.download
check_files = CIFAR100.check_files
expected_counts = CIFAR100.expected_tail_counts
