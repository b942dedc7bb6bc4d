"""ImageNet-1k (ILSVRC 2012) from the folders or tar archives that people have of it.

O. Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015. The 1,281,167 training
images are the pool, the 50,000 validation images the test set. Layouts: :mod:`fact.data.imagenet_layout`.

Only image-net.org and Kaggle give the images, to those who accept the terms: there is no download.
"""

from fact.data.imagenet_layout import read_imagenet
from fact.data.manifest import Counts
from fact.data.published_files import PublishedFiles

# decoding all takes hours
IMAGENET = PublishedFiles(read_imagenet, Counts(classes=1_000, pool=1_281_167, test=50_000), verify="header")

index = IMAGENET.index
read_image = IMAGENET.read_image
expected_counts = IMAGENET.expected_counts
