"""How far generated soiling stays where its mask is: counted over clean images and what was made of them."""

from pathlib import Path

import numpy as np

from tasks.formats.label_maps import read_label_maps
from tasks.formats.soiling_masks import read_masks


def measure_confinement(clean: Path, soiled: Path) -> dict[str, float | None]:
    """Over all pixels: `clear_share`, whose level is 0; of these `changed_clear_share`, whose colour is another one; and
    `changed_unmasked_share`, the same of pixels whose mask is 0. None where there is no such pixel.
    """
    before, after, masks = read_label_maps(clean), read_label_maps(soiled), read_masks(soiled)
    assert after.labels is not None, "soiled images have their levels"
    sums = np.zeros(5, np.int64)
    for index, mask in enumerate(masks):
        is_changed = (np.asarray(before.images[index]) != after.images[index]).any(axis=-1)
        is_clear, is_unmasked = np.asarray(after.labels[index]) == 0, np.asarray(mask) == 0
        counted = (is_clear, is_clear & is_changed, is_unmasked, is_unmasked & is_changed)
        sums += [mask.size, *(np.count_nonzero(each) for each in counted)]
    size, clear, changed_clear, unmasked, changed_unmasked = map(int, sums)
    return {
        "clear_share": clear / size,
        "changed_clear_share": changed_clear / clear if clear else None,
        "changed_unmasked_share": changed_unmasked / unmasked if unmasked else None,
    }
