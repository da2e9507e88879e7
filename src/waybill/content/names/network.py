"""A tagger of sequences in NumPy: embedding, two bidirectional layers of gated recurrent units, a linear-chain CRF.

The gates are those of Cho et al. (arXiv:1406.1078) as PaddlePaddle computes them: the state that comes out is
``(1 - update) * before + update * candidate``. Sequences of about one length are computed together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]

LAYERS = 2
_BATCH = 64
"""Sequences that are computed together."""


class Network:
    """The weights, and what they say of a sequence. Raises ValueError where the weights do not fit each other."""

    def __init__(self, weights: Mapping[str, npt.NDArray[np.generic]]) -> None:
        given = {name: weights[name] for name in names()}
        self._embedding = given["embedding"].astype(np.float32, copy=False)
        self._cells = [_Cell(given, n) for n in range(2 * LAYERS)]
        self._output: Floats = given["output"].astype(np.float32, copy=False)
        self._output_bias: Floats = given["output_bias"].astype(np.float32, copy=False)
        transitions = given["transitions"].astype(np.float32, copy=False)
        self._first, self._last, self._step = transitions[0], transitions[1], transitions[2:]
        size, tags = self._cells[0].size, len(self._output_bias)
        widths = [self._embedding.shape[1]] + [2 * size] * (LAYERS - 1)
        fit = [cell.takes == widths[n // 2] and cell.size == size for n, cell in enumerate(self._cells)]
        if not all(fit) or self._output.shape != (2 * size, tags) or transitions.shape != (tags + 2, tags):
            raise ValueError("weights do not fit each other")

    def tags(self, sequences: Sequence[Sequence[int]]) -> list[Numbers]:
        """Return the likeliest tag of each number of each sequence."""
        found = [np.empty(0, np.int64)] * len(sequences)
        order = sorted((n for n, sequence in enumerate(sequences) if sequence), key=lambda n: len(sequences[n]))
        for first in range(0, len(order), _BATCH):
            chosen = order[first : first + _BATCH]
            lengths = np.array([len(sequences[n]) for n in chosen])
            padded = np.zeros((len(chosen), lengths[-1]), np.int64)
            for row, n in enumerate(chosen):
                padded[row, : lengths[row]] = sequences[n]
            for n, length, path in zip(chosen, lengths, self._paths(padded, lengths), strict=True):
                found[n] = path[:length]
        return found

    def _paths(self, padded: Numbers, lengths: Numbers) -> Numbers:
        """Return the likeliest tags of sequences as rows; what stands after their ends means nothing."""
        steps = np.arange(padded.shape[1])
        turned = np.where(steps < lengths[:, None], lengths[:, None] - 1 - steps, steps)  # back to front, padding last
        rows = np.arange(len(padded))[:, None]
        state = self._embedding[padded]
        for forward, backward in zip(self._cells[::2], self._cells[1::2], strict=True):
            back = backward.run(state[rows, turned])[rows, turned]
            state = np.concatenate([forward.run(state), back], axis=2)
        return self._viterbi(state @ self._output + self._output_bias, lengths)

    def _viterbi(self, emissions: Floats, lengths: Numbers) -> Numbers:
        """Return the likeliest paths (Viterbi 1967); a path that has ended stands still."""
        batch, steps, tags = emissions.shape
        score = emissions[:, 0] + self._first
        came = np.empty((steps, batch, tags), np.int64)
        still = np.arange(tags)
        for step in range(1, steps):
            ways = score[:, :, None] + self._step
            best = ways.argmax(axis=1)
            going = (step < lengths)[:, None]
            came[step] = np.where(going, best, still)
            reached = np.take_along_axis(ways, best[:, None], axis=1)[:, 0] + emissions[:, step]
            score = np.where(going, reached, score)
        path = np.empty((batch, steps), np.int64)
        path[:, -1] = (score + self._last).argmax(axis=1)
        for step in range(steps - 1, 0, -1):
            path[:, step - 1] = came[step, np.arange(batch), path[:, step]]
        return path


class _Cell:
    """Gated recurrent units in one direction."""

    def __init__(self, weights: Mapping[str, npt.NDArray[np.generic]], number: int) -> None:
        parts = (
            weights[f"{name}_{number}"].astype(np.float32, copy=False)
            for name in ("input", "bias", "gates", "candidate")
        )
        self._input, self._bias, self._gates, self._candidate = parts
        self.takes, self.size = self._input.shape[0], self._candidate.shape[0]
        if [self._input.shape[1:], self._bias.shape, self._gates.shape, self._candidate.shape] != [
            (3 * self.size,), (3 * self.size,), (self.size, 2 * self.size), (self.size, self.size)
        ]:  # fmt: skip
            raise ValueError("weights of a layer do not fit each other")

    def run(self, values: Floats) -> Floats:
        """Return the state after each step, of sequences of vectors."""
        given = values @ self._input + self._bias
        state: Floats = np.zeros((len(values), self.size), np.float32)
        states = np.empty((*values.shape[:2], self.size), np.float32)
        for step in range(values.shape[1]):
            now = given[:, step]
            gates = _sigmoid(now[:, : 2 * self.size] + state @ self._gates)
            update, reset = gates[:, : self.size], gates[:, self.size :]
            candidate = np.tanh(now[:, 2 * self.size :] + (reset * state) @ self._candidate)
            state = np.asarray(state + update * (candidate - state), np.float32)
            states[:, step] = state
        return states


def names() -> list[str]:
    """Return how the arrays of a network are called."""
    cells = [f"{name}_{n}" for n in range(2 * LAYERS) for name in ("input", "bias", "gates", "candidate")]
    return ["embedding", *cells, "output", "output_bias", "transitions"]


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * values)), np.float32)  # never overflows
