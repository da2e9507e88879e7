"""Run by an environment of its own, which has scikit-learn and PyOD and none of our code: scores days by four peers.

Arguments: a file of days (``figures``, ``training``, ``entity``) and the file to write their scores to, both NumPy's.
"""

import sys
import time
import warnings

import numpy as np
from pyod.models.copod import COPOD
from pyod.models.pca import PCA
from sklearn.ensemble import IsolationForest
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")

days = np.load(sys.argv[1])
figures, training, entity = np.log1p(days["figures"]), days["training"], days["entity"]
figures = figures[:, figures[training].std(axis=0) > 0]
learnt = figures[training]


def isolation_forest():
    """Return how isolated each day is among those of training."""
    return -IsolationForest(n_estimators=100, random_state=1).fit(learnt).score_samples(figures)


def copod():
    """Return how far each day is in the tails, feature by feature."""
    return COPOD(n_jobs=1).fit(learnt).decision_function(figures)


def pca():
    """Return how far each day is from the principal axes of training, weighted by their variance."""
    return PCA(random_state=1).fit(learnt).decision_function(figures)


def autoencoder():
    """Return the error with which a bottleneck of a quarter of the features reproduces each day."""
    scaler = StandardScaler().fit(learnt)
    scaled, size = scaler.transform(figures), figures.shape[1]
    people = np.random.default_rng(0).permutation(np.unique(entity))[:200]
    layers = (size // 2, size // 4, size // 2)
    network = MLPRegressor(hidden_layer_sizes=layers, max_iter=25, random_state=10)
    chosen = training & np.isin(entity, people)
    network.fit(scaled[chosen], scaled[chosen])
    return np.sqrt(((network.predict(scaled) - scaled) ** 2).sum(axis=1))


scores = {}
for peer in (isolation_forest, copod, pca, autoencoder):
    begun = time.process_time()
    scores[peer.__name__] = peer()
    scores[peer.__name__ + "_seconds"] = time.process_time() - begun
np.savez(sys.argv[2], **scores)
