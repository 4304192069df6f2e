"""What the comparisons loss by loss share: the recipe, and training on the rows that Luthier took.

The recipe: AdamW 0.01 (not on biases and norms), linear decay with 10 % warm-up, clip 1.
"""
import json
import math

import torch
from transformers import get_linear_schedule_with_warmup


def is_spared(name):
    """Whether a parameter is a bias or a norm's: no weight decay."""
    return name.endswith("bias") or any(norm in name for norm in ("LayerNorm", "layer_norm", ".ln_"))


def replay(model, loss_of, steps, lr, total, threads):
    """Trains what is trainable in a model, a step for each line of `steps` ({"rows": [...], "loss": x}).

    `loss_of` gives the loss of a step's line. Prints both losses of each step and the largest relative difference.
    """
    torch.set_num_threads(int(threads))
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    print(sum(p.numel() for _, p in named), "trainable parameters", flush=True)
    optimizer = torch.optim.AdamW([
        dict(params=[p for n, p in named if not is_spared(n)], weight_decay=0.01),
        dict(params=[p for n, p in named if is_spared(n)], weight_decay=0.0)], lr=float(lr))
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(int(total) / 10), int(total))
    worst = number = 0
    for number, line in enumerate(open(steps), 1):
        step = json.loads(line)
        loss = loss_of(step)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        relative = abs(step["loss"] - loss.item()) / abs(loss.item())
        worst = max(worst, relative)
        print(f"{number:3d}  luthier {step['loss']:.6f}  reference {loss.item():.6f}  relative {relative:.2e}", flush=True)
    print(f"largest relative difference of {number} losses {worst:.2e}")


def labelled_texts(path, tokenizer, max_length=256):
    """For JSON Lines with text and label: a function from a step's line to the batch that a classifier's forward takes."""
    rows = [json.loads(line) for line in open(path)]
    names = sorted({row["label"] for row in rows})

    def batch(step):
        chosen = [rows[int(i)] for i in step["rows"]]
        inputs = tokenizer(
            [row["text"] for row in chosen], truncation=True, max_length=int(step.get("max_length", max_length)),
            padding=True, return_tensors="pt")
        return dict(inputs, labels=torch.tensor([names.index(row["label"]) for row in chosen]))

    return batch
