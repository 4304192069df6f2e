"""The last block and the head, three epochs, float32, against transformers + PyTorch."""
from workloads._finetuning import finetuning


def work(bench):
    yield from finetuning(bench, "last block and head, 3 epochs", "last", {("float32", "random"): 6}, epochs=3)
