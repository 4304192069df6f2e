"""Finetuning all layers of a classifier of RoBERTa-base's and of GPT-2's size, one epoch, against transformers + PyTorch."""
import os

from measure import ROOT
from workloads._finetuning import finetuning

TOKENIZERS = {"roberta": ("RoBERTa-base size", "roberta-base"), "gpt2": ("GPT-2 size", "gpt2")}


def work(bench):
    for kind, (name, tokenizer) in TOKENIZERS.items():
        folder = os.path.join(ROOT, "../shared/data/tokenizers", tokenizer)
        if not os.path.exists(os.path.join(folder, "tokenizer.json")):
            yield bench.row(f"all layers, {name}", "skipped", f"no tokenizer: {tokenizer}", None, 1.5)
            continue
        model = bench.model(kind, folder)
        asked = {("float32", order): 1.5 for order in ("random", "grouped")}
        yield from finetuning(bench, f"all layers, {name}", "all", asked, model=model)
