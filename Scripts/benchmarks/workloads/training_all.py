"""Finetuning all layers, one epoch, float32 and bf16, against transformers + PyTorch; peak memory beside it."""
from workloads._finetuning import finetuning

ASKED = {("float32", "random"): 3, ("float32", "grouped"): 1.5, ("bf16", "random"): 4, ("bf16", "grouped"): 2}


def work(bench):
    yield from finetuning(bench, "all layers", "all", ASKED, memory=4)
