"""Ten training steps with each optimizer, schedule and weighing of the loss, from the start and the batches of train_bert.

Usage: python training_variants.py Tests/Fixtures/dev     (writes Tests/Fixtures/dev/train_variants)
The optimizers are torch.optim's, the schedules transformers', the losses torch.nn.functional.cross_entropy's.
"""
import copy
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_
from transformers import (BertForSequenceClassification, get_constant_schedule_with_warmup,
                          get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup)

torch.set_num_threads(1)
STEPS = 10
PLAIN = dict(optimizer="adamw", lr=2e-3, wd=0.05, schedule="linear", warmup=2, clip=1.0, layer_decay=None,
             label_smoothing=0.0, class_weights=None)
CASES = {
    "adam": dict(optimizer="adam"),
    "sgd": dict(optimizer="sgd", lr=5e-2),
    "cosine": dict(schedule="cosine", warmup=3),
    "constant_warmup": dict(schedule="constant", warmup=4),
    "layer_decay": dict(layer_decay=0.7, schedule="constant", warmup=0),
    "label_smoothing": dict(label_smoothing=0.1),
    "class_weights": dict(class_weights=[0.5, 2.0, 1.25]),
    "smoothing_and_weights": dict(label_smoothing=0.2, class_weights=[3.0, 0.25, 1.0]),
    "no_clip": dict(clip=None),
}
SHOWN = ("classifier.weight", "bert.pooler.dense.bias", "bert.encoder.layer.0.attention.self.query.weight",
         "bert.encoder.layer.1.output.LayerNorm.weight", "bert.embeddings.position_embeddings.weight")


def depth(name, blocks):
    """How many stages stand above: 0 the head, 1 the last block, blocks + 1 the embeddings."""
    if name.startswith("bert.embeddings."):
        return blocks + 1
    if name.startswith("bert.encoder.layer."):
        return blocks - int(name.split(".")[3])
    return 0


def optimizer(model, c):
    groups = []
    for name, p in model.named_parameters():
        rate = c["lr"] * (c["layer_decay"] ** depth(name, model.config.num_hidden_layers) if c["layer_decay"] else 1)
        spared = name.endswith("bias") or "LayerNorm" in name
        groups.append({"params": [p], "lr": rate, "weight_decay": 0.0 if spared else c["wd"]})
    if c["optimizer"] == "sgd":
        return torch.optim.SGD(groups, lr=c["lr"], momentum=0.9, foreach=False)
    kind = torch.optim.Adam if c["optimizer"] == "adam" else torch.optim.AdamW
    return kind(groups, lr=c["lr"], foreach=False)


def schedule(opt, c):
    if c["schedule"] == "constant":
        return get_constant_schedule_with_warmup(opt, c["warmup"])
    make = get_cosine_schedule_with_warmup if c["schedule"] == "cosine" else get_linear_schedule_with_warmup
    return make(opt, c["warmup"], STEPS)


def train(model, c, batches):
    opt = optimizer(model, c)
    sched = schedule(opt, c)
    weights = None if c["class_weights"] is None else torch.tensor(c["class_weights"])
    model.train()  # dropout is 0 in the config
    log = []
    for step in range(STEPS):
        opt.zero_grad()
        logits = model(input_ids=batches[f"input_ids.{step}"], attention_mask=batches[f"attention_mask.{step}"]).logits
        loss = cross_entropy(logits, batches[f"labels.{step}"], weight=weights, label_smoothing=c["label_smoothing"])
        loss.backward()
        norm = clip_grad_norm_(model.parameters(), c["clip"] or float("inf"))
        log.append(dict(loss=float(loss.detach()), grad_norm=float(norm), lr=opt.param_groups[-1]["lr"]))
        opt.step()
        sched.step()
    return log


root = Path(sys.argv[1])
model0 = BertForSequenceClassification.from_pretrained(root / "train_bert" / "init", attn_implementation="eager")
batches = load_file(root / "train_bert" / "batches.safetensors")
for name, changes in CASES.items():
    c = PLAIN | changes
    model = copy.deepcopy(model0)
    log = train(model, c, batches)
    folder = root / "train_variants" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trajectory.json").write_text(json.dumps(dict(case=dict(c, steps=STEPS), steps=log), indent=1) + "\n")
    save_file({n: p.detach().contiguous() for n, p in model.named_parameters() if n in SHOWN}, folder / "final.safetensors")
    print(name, [round(s["loss"], 4) for s in log], flush=True)
