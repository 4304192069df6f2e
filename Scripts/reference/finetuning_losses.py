"""The deterministic finetuning comparison: the same model, head and rows on both sides, dropout 0, loss by loss.

  finetuning_losses.py init MODEL_DIR OUT_DIR [LABELS]
      writes MODEL_DIR with a new classification head (seed 0, dropout 0) to OUT_DIR, as save_pretrained does;
  finetuning_losses.py replay INIT_DIR TRAIN.jsonl STEPS.jsonl head|all LR TOTAL_STEPS [THREADS]
      trains on the rows that Luthier took ({"rows": [...], "loss": x} a line, one line a step) with transformers and
      prints both losses and the largest relative difference.

The recipe: AdamW 0.01 (not on biases and norms), linear decay with 10 % warm-up over TOTAL_STEPS, clip 1, 256 tokens.
"""
import json
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, get_linear_schedule_with_warmup


def init(source, out, labels=2):
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(
        source, num_labels=int(labels), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(source).save_pretrained(out)


def groups(model):
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    plain = ("bias", "LayerNorm.weight")
    return named, [
        dict(params=[p for n, p in named if not n.endswith(plain)], weight_decay=0.01),
        dict(params=[p for n, p in named if n.endswith(plain)], weight_decay=0.0),
    ]


def replay(directory, train, steps, mode, lr, total, threads=2):
    torch.set_num_threads(int(threads))
    texts, labels = [], []
    for line in open(train):
        row = json.loads(line)
        texts.append(row["text"])
        labels.append(row["label"])
    names = sorted(set(labels))
    labels = [names.index(label) for label in labels]
    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = AutoModelForSequenceClassification.from_pretrained(directory).train()
    for name, parameter in model.named_parameters():
        parameter.requires_grad = mode == "all" or "classifier" in name or "pooler" in name
    named, parameter_groups = groups(model)
    optimizer = torch.optim.AdamW(parameter_groups, lr=float(lr))
    total = int(total)
    schedule = get_linear_schedule_with_warmup(optimizer, total // 10, total)
    worst = 0.0
    for number, line in enumerate(open(steps), 1):
        step = json.loads(line)
        batch = tokenizer(
            [texts[i] for i in step["rows"]], truncation=True, max_length=256, padding=True, return_tensors="pt")
        loss = model(**batch, labels=torch.tensor([labels[i] for i in step["rows"]])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        relative = abs(step["loss"] - loss.item()) / abs(loss.item())
        worst = max(worst, relative)
        print(f"{number:3d}  luthier {step['loss']:.6f}  reference {loss.item():.6f}  relative {relative:.2e}", flush=True)
    print(f"largest relative difference {worst:.2e}")


if __name__ == "__main__":
    {"init": init, "replay": replay}[sys.argv[1]](*sys.argv[2:])
