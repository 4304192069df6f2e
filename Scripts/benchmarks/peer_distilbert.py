"""A model of DistilBERT-base's size with random weights, as a model folder. Usage: peer_distilbert.py TOKENIZER_FOLDER OUT"""
import json
import os
import shutil
import sys

import torch
from transformers import DistilBertConfig, DistilBertModel

source, out = sys.argv[1:]
if not os.path.exists(os.path.join(out, "model.safetensors")):
    torch.manual_seed(0)
    DistilBertModel(DistilBertConfig()).save_pretrained(out)
    for name in ("tokenizer.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copy(os.path.join(source, name), os.path.join(out, name))
    with open(os.path.join(out, "tokenizer_config.json"), "w") as file:
        json.dump({"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512}, file)
print(json.dumps({"folder": out}))
