"""numpy's exact search: matrix product, then argpartition. Usage: peer_search.py VECTORS.npy K ROUNDS"""
import json
import sys
import time

import numpy as np

path, k, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
start = time.perf_counter()
vectors = np.load(path)
load = time.perf_counter() - start
questions = np.random.default_rng(1).standard_normal((100, vectors.shape[1]), dtype=np.float32)
questions /= np.linalg.norm(questions, axis=1, keepdims=True)


def search(some):
    scores = some @ vectors.T
    best = np.argpartition(-scores, k, axis=1)[:, :k]
    order = np.take_along_axis(scores, best, axis=1).argsort(axis=1)[:, ::-1]
    return np.take_along_axis(best, order, axis=1)


def seconds(some):
    search(some)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        search(some)
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


print(json.dumps({"load": load, "one": seconds(questions[:1]), "many": seconds(questions)}))
