"""Head only, three epochs, float32, against transformers + PyTorch."""
from workloads._finetuning import finetuning


def work(bench):
    yield from finetuning(bench, "head only, 3 epochs", "head", {("float32", "random"): 12}, epochs=3)
