"""PCA: the principal components of what latents do (Härkönen 2020, "GANSpace", sections 2.1 and 2.2).

Where a network has styles, the components are those of the styles themselves.  Where it has none, of what samples come to
look like, and the latents that go with a component are found by regression, as there for networks without styles.
"""

import numpy as np

from gan_core.exploring import space as spaces
from gan_core.exploring.directions.base import Directions, Method, signed

SAMPLES, STYLES = 2000, 500
FEATURES = 1024  # numbers of a sample that are looked at, at most


class Pca(Method):
    name, title = "pca", "what changes most (PCA)"

    def found(self, model, space, n, seed=0, data=None):
        if not space.is_latent:
            point = spaces.drawn(model, STYLES, seed, data=data)
            return _components(spaces.places(model, space, point), n)
        point = spaces.drawn(model, SAMPLES, seed, data=data)
        features = _features(spaces.samples(model, point))
        latents = point[space.name]
        components = _components(features, min(n, features.shape[1]))
        scores = (features - features.mean(0)) @ components.vectors.T
        scale = scores.std(0)
        vectors = (latents - latents.mean(0)).T @ (scores / np.maximum(scale, 1e-9)) / len(latents)
        vectors = vectors.T / np.maximum(np.linalg.norm(vectors.T, axis=-1, keepdims=True), 1e-9)
        if len(vectors) < n:  # samples of fewer numbers than there are directions: the others do nothing more
            vectors, scale = _completed(vectors, n, seed), np.pad(scale, (0, n - len(vectors)))
        return Directions(signed(vectors), scale.astype(np.float32))


def _components(rows, n):
    _, deviations, vectors = np.linalg.svd(rows - rows.mean(0), full_matrices=False)
    return Directions(signed(vectors[:n]), (deviations[:n] / len(rows) ** 0.5).astype(np.float32))


def _features(samples):
    """Samples as rows; of large ones every so-manieth place."""
    rows = samples
    while rows[0].size > FEATURES and rows.ndim == 4 and min(rows.shape[1:3]) > 2:
        height, width = rows.shape[1] // 2 * 2, rows.shape[2] // 2 * 2
        rows = rows[:, :height, :width].reshape(len(rows), height // 2, 2, width // 2, 2, -1).mean((2, 4))
    return rows.reshape(len(rows), -1)


def _completed(vectors, n, seed):
    more = np.random.default_rng(seed).standard_normal((n - len(vectors), vectors.shape[1]))
    basis, _ = np.linalg.qr(np.concatenate([vectors, more]).T)
    return np.concatenate([vectors, basis.T[len(vectors):]])
