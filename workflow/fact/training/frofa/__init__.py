"""FroFA: augment a frozen backbone's patch tokens as if their map were an image.

Bär et al., *Frozen Feature Augmentation for Few-Shot Image Classification* (CVPR 2024). A token map
f is brought to the unit interval, x = (f - min) / (max - min), changed by an image augmentation and
mapped back. The variants differ in what shares a minimum and a maximum and what shares a random number:

========  ======================  =====================
variant   minimum and maximum     random number
========  ======================  =====================
default   of the whole map        one for the map
c         of the whole map        one for each channel
c2        of each channel         one for each channel
========  ======================  =====================

An augmentation that moves tokens moves all channels alike in every variant: torn apart, they would be
tokens that no image has.

Only patch tokens are augmented. A class token has no map to take a minimum over: with a single token every
channel is constant and c2 is the identity. Who uses pooled class vectors beside augmented tokens repeats
them for every view. Test features are never augmented.

Two of the paper's augmentations are left out. Mixup mixes the labels too, which the heads take as classes,
and its partner could be held out in cross-validation, whose loss would then be of images trained on.
JPEG quantises by a table made for what eyes miss in pixels; a channel of a token map has no such table.
"""
