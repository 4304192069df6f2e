"""Ten training steps of BertForSequenceClassification, by the same rules as the fixtures' train/ (DistilBERT).

Usage: FIXTURES=/tmp/fixtures python bert_training.py     (writes $FIXTURES/out/dev/train_bert)
Run with the fixtures' generators on the path: PYTHONPATH=Scripts/reference/fixtures.
"""
import copy

import torch
from torch.nn.utils import clip_grad_norm_
from transformers import BertConfig, BertForSequenceClassification, get_linear_schedule_with_warmup

from common import *

STEPS = 10
CASES = {
    "full_sched_clip_nodecay": dict(lr=3e-3, betas=(0.9, 0.999), eps=1e-8, wd=0.1, no_decay=True, warmup=3, clip=1.0, head_only=False, accum=1),
    "head_only": dict(lr=5e-3, betas=(0.9, 0.98), eps=1e-6, wd=0.05, no_decay=True, warmup=2, clip=1.0, head_only=True, accum=1),
    "full_accum2": dict(lr=2e-3, betas=(0.9, 0.999), eps=1e-8, wd=0.01, no_decay=True, warmup=0, clip=1.0, head_only=False, accum=2),
}
HEAD = ("bert.pooler.", "classifier.")


def train(model, c, data):
    for n, p in model.named_parameters():
        p.requires_grad_(not c["head_only"] or n.startswith(HEAD))
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    spared = lambda n: n.endswith("bias") or "LayerNorm" in n
    groups = [{"params": [p for n, p in named if not spared(n)], "weight_decay": c["wd"]},
              {"params": [p for n, p in named if spared(n)], "weight_decay": 0.0}]
    opt = torch.optim.AdamW(groups, lr=c["lr"], betas=c["betas"], eps=c["eps"], foreach=False)
    sched = get_linear_schedule_with_warmup(opt, c["warmup"], STEPS)
    model.train()  # dropout is 0 in the config
    log, it = [], iter(data)
    for _ in range(STEPS):
        opt.zero_grad()
        losses = []
        for _ in range(c["accum"]):
            ids, am, y = next(it)
            loss = model(input_ids=ids, attention_mask=am, labels=y).loss
            (loss / c["accum"]).backward()
            losses.append(float(loss.detach()))
        norm = clip_grad_norm_([p for _, p in named], c["clip"])
        log.append(dict(losses=losses, loss=sum(losses) / len(losses), grad_norm=float(norm), lr=opt.param_groups[0]["lr"]))
        opt.step()
        sched.step()
    return log


root = OUT / "dev" / "train_bert"
cfg = BertConfig(vocab_size=67, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=40,
                 max_position_embeddings=32, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, num_labels=3,
                 attn_implementation="eager")
model0 = randomize(BertForSequenceClassification(cfg), "dev", "train_bert/init")
model0.save_pretrained(root / "init")
strip_local(root / "init")
data = []
for i in range(2 * STEPS):
    ids, am = padded_batch("dev", f"train_bert/{i}", (9, 6, 3, 8), 67, 0, lo=3, first=1, last=2)
    data.append((ids, am, torch.randint(0, 3, (4,), generator=gen("dev", f"train_bert/{i}/y"))))
st_save(root / "batches.safetensors", {f"{k}.{i}": t for i, b in enumerate(data) for k, t in zip(("input_ids", "attention_mask", "labels"), b)})
for name, c in CASES.items():
    model = copy.deepcopy(model0)
    log = train(model, c, data)
    json_save(root / name / "trajectory.json", dict(case=dict(c, steps=STEPS), steps=log))
    st_save(root / name / "final.safetensors", {n: p for n, p in model.named_parameters()})
    print(name, [round(s["loss"], 4) for s in log], flush=True)
