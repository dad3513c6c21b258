"""Which images a training shows: rare classes more often than they come (DAFormer, Hoyer et al. 2022, equation 10)."""

from dataclasses import dataclass

import numpy as np

from models.configs import require


@dataclass(frozen=True)
class RareClasses:
    """The chance of each class [c], and the images that show it."""

    chances_c: np.ndarray
    images_by_class: tuple[np.ndarray, ...]

    def draw(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """[count] images: of each first its class, then one of those that show it."""
        classes = rng.choice(len(self.chances_c), size=count, p=self.chances_c)
        return np.array([rng.choice(self.images_by_class[name]) for name in classes])


def find_rare_classes(labels_nhw: np.ndarray, *, num_classes: int, temperature: float) -> RareClasses:
    """Chances exp((1 - f) / T) over the shares f of pixels of the classes that there are.

    ValueError where no pixel has a class.
    """
    counts_nc = np.stack([np.bincount(labels.ravel(), minlength=256)[:num_classes] for labels in labels_nhw])
    totals_c = counts_nc.sum(axis=0)
    require(int(totals_c.sum()) > 0, "No pixel has a class, so that none is rare; give label maps.")
    exponents = np.where(totals_c > 0, (1 - totals_c / totals_c.sum()) / temperature, -np.inf)
    chances = np.exp(exponents - exponents.max())
    return RareClasses(chances / chances.sum(), tuple(np.flatnonzero(column) for column in counts_nc.T))
