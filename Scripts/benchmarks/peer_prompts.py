"""A plain loop of transformers over prompts: every label of every row costs one full forward pass.
Usage: peer_prompts.py MODEL_FOLDER CASES.json THREADS       (cases as Scripts/reference/prompt_scores.py takes them)"""
import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "reference"))
from prompt_scores import AutoModelForCausalLM, AutoTokenizer, scores  # noqa: E402

folder, path, threads = sys.argv[1:]
torch.set_num_threads(int(threads))
files = [file for file in os.listdir(folder) if file.endswith(".gguf")]
extra = {"gguf_file": files[0]} if files else {}
tokenizer = AutoTokenizer.from_pretrained(folder, **extra)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **extra).eval()
with open(path) as file:
    cases = json.load(file)["cases"]
scores(model, tokenizer, cases[0], cases[0]["rows"][0])
start = time.perf_counter()
sums = [[scores(model, tokenizer, case, row) for row in case["rows"]] for case in cases]
print(json.dumps({"compute": time.perf_counter() - start, "rows": sum(len(rows) for rows in sums)}))
