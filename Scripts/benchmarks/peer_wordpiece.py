"""The Rust tokenizers on one thread: ids and offsets of every text, some passes over all.
Usage: peer_wordpiece.py MODEL TEXTS.jsonl PASSES"""
import json
import sys
import time

from tokenizers import Tokenizer

folder, path, passes = sys.argv[1:]
with open(path) as file:
    texts = [json.loads(line)["text"] for line in file]
tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
tokenizer.no_truncation()
tokenizer.no_padding()
tokenizer.encode_batch(texts)
start = time.perf_counter()
for _ in range(int(passes)):
    tokenizer.encode_batch(texts)
compute = time.perf_counter() - start
print(json.dumps({"compute": compute, "bytes": sum(len(text.encode()) for text in texts)}))
