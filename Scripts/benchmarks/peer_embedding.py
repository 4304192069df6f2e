"""transformers from a cold start to one mean-pooled embedding. Usage: peer_embedding.py MODEL"""
import json
import sys

import torch
from transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoModel.from_pretrained(sys.argv[1]).eval()
with torch.inference_mode():
    batch = tokenizer(["A luthier builds and tunes instruments."], return_tensors="pt")
    row = model(**batch).last_hidden_state.mean(1)[0]
print(json.dumps({"first": float(row[0])}))
