"""transformers + PyTorch (peft for LoRA): finetuning a classifier on padded batches of 16.
Usage: peer_training.py MODEL ROWS.jsonl MAX_LENGTH THREADS all|head|last|lora EPOCHS random|grouped [float32|bf16]"""
import json
import random
import sys
import time

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

folder, path, longest, threads, part, epochs, order, *rest = sys.argv[1:]
half = rest == ["bf16"]
torch.set_num_threads(int(threads))
torch.manual_seed(0)
with open(path) as file:
    rows = [json.loads(line) for line in file]
names = sorted({row["label"] for row in rows})
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=len(names))
if part == "lora":
    from peft import LoraConfig, get_peft_model
    model = get_peft_model(model, LoraConfig(task_type="SEQ_CLS", r=8, lora_alpha=16, lora_dropout=0.0,
                                             target_modules=["q_lin", "v_lin"]))
else:
    for name, parameter in model.named_parameters():
        parameter.requires_grad = (part == "all" or "classifier" in name
                                   or part == "last" and f"layer.{model.config.n_layers - 1}." in name)
model.train()
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-5)
tokens = 0
start = time.perf_counter()
for epoch in range(int(epochs)):
    if order == "grouped":
        rows.sort(key=lambda row: len(row["text"]))
    else:
        random.Random(epoch).shuffle(rows)
    for first in range(0, len(rows), 16):
        some = rows[first:first + 16]
        batch = tokenizer([row["text"] for row in some], truncation=True, max_length=int(longest), padding=True,
                          return_tensors="pt")
        batch.pop("token_type_ids", None)
        tokens += int(batch["attention_mask"].sum())
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            loss = model(**batch, labels=torch.tensor([names.index(row["label"]) for row in some])).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
print(json.dumps({"compute": time.perf_counter() - start, "tokens": tokens}))
