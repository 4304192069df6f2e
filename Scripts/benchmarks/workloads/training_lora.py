"""LoRA on query and value, float32 and bf16, against peft."""
from workloads._finetuning import finetuning

ASKED = {("float32", "random"): 4, ("float32", "grouped"): 1.4, ("bf16", "random"): 5, ("bf16", "grouped"): 1.4}


def work(bench):
    yield from finetuning(bench, "LoRA on query and value", "lora", ASKED, memory=3)
