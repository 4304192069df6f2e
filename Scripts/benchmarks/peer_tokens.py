"""How many tokens reviews have. Usage: peer_tokens.py MODEL ROWS.jsonl MAX_LENGTH"""
import json
import sys

from tokenizers import Tokenizer

folder, path, longest = sys.argv[1:]
tokenizer = Tokenizer.from_file(f"{folder}/tokenizer.json")
tokenizer.no_padding()
tokenizer.enable_truncation(int(longest))
with open(path) as file:
    print(json.dumps({"tokens": sum(len(tokenizer.encode(json.loads(line)["text"]).ids) for line in file)}))
