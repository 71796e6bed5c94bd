"""Tells sine, square and saw apart: trains on arrays of NumPy, and predicts.

    rondo build graphs/embed/waves.graph --batch 32 --with python -o build/waves
    PYTHONPATH=build/waves python3 graphs/embed/classify.py build/waves.safetensors

The weights go into the file that is named; when it is there already, they are read and not trained.
"""

import pathlib
import sys

import numpy as np

import waves

KINDS = ["sine", "square", "saw"]


def batch(chance: np.random.Generator, rows: int = 32) -> tuple[np.ndarray, ...]:
    """Waves of any pitch, phase and loudness, of unlike lengths and with noise; and their kinds."""
    time = np.arange(40)
    kinds = chance.integers(0, 3, rows)
    pitch = chance.uniform(0.05, 0.15, (rows, 1))
    turn = (time * pitch + chance.uniform(0, 1, (rows, 1))) % 1
    shapes = np.stack([np.sin(2 * np.pi * turn), np.where(turn < 0.5, 1, -1), 2 * turn - 1])
    wave = shapes[kinds, np.arange(rows)] * chance.uniform(0.5, 1, (rows, 1))
    wave += chance.normal(0, 0.05, wave.shape)
    return wave, kinds, chance.integers(24, 41, rows)


def main(path: str) -> None:
    model = waves.Waves(seed=7)
    chance = np.random.default_rng(7)
    if pathlib.Path(path).exists():
        model.load(path)
    else:
        for update in range(1, 401):
            wave, kinds, lengths = batch(chance)
            loss = model.train(wave, kinds, time_lengths=lengths)
            if update % 100 == 0:
                print(f"update {update}: loss {loss:.3f}")
        model.save(path)
    wave, kinds, lengths = batch(np.random.default_rng(8))
    chances, answers = model.infer(wave, time_lengths=lengths)
    for row in range(3):
        answer = answers[row]
        print(f"{KINDS[kinds[row]]}: {KINDS[answer]}, {chances[row, answer]:.0%} sure")
    print(f"{np.mean(answers == kinds):.0%} right")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("classify.py: write: classify.py WEIGHTS.safetensors")
    try:
        main(sys.argv[1])
    except (OSError, ValueError) as error:
        sys.exit(f"classify.py: {error}")
