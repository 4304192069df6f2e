"""transformers' features of texts, first token's row, padded batches.
Usage: peer_features.py MODEL TEXTS.jsonl MAX_LENGTH BATCH THREADS random|grouped [float32|bf16]"""
import json
import random
import sys
import time

import torch
from transformers import AutoModel, AutoTokenizer

folder, path, longest, size, threads, order, *rest = sys.argv[1:]
half = rest == ["bf16"]
torch.set_num_threads(int(threads))
with open(path) as file:
    texts = [json.loads(line)["text"] for line in file]
tokenizer = AutoTokenizer.from_pretrained(folder)
model = AutoModel.from_pretrained(folder).eval()


def encode(some):
    batch = tokenizer(some, truncation=True, max_length=int(longest), padding=True, return_tensors="pt")
    if model.config.model_type == "distilbert":
        batch.pop("token_type_ids", None)
    return batch


with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
    model(**encode(texts[:2]))
    start = time.perf_counter()
    if order == "grouped":
        texts.sort(key=len)
    else:
        random.Random(0).shuffle(texts)
    tokens = 0
    rows = []
    for first in range(0, len(texts), int(size)):
        batch = encode(texts[first:first + int(size)])
        tokens += int(batch["attention_mask"].sum())
        rows.append(model(**batch).last_hidden_state[:, 0])
    torch.cat(rows)
    compute = time.perf_counter() - start
print(json.dumps({"compute": compute, "tokens": tokens}))
