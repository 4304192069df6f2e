"""The tiny BERT that end-to-end tests load: random weights, a real WordPiece vocabulary of small size, all of a model folder.

Usage: tiny_model.py TOKENIZER_FOLDER OUT_FOLDER
"""
import shutil
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertModel

source, out = map(Path, sys.argv[1:])
torch.manual_seed(0)
words = len((source / "vocab.txt").read_text().splitlines())
config = BertConfig(vocab_size=words, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
                    max_position_embeddings=64)
model = BertModel(config)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        parameter.add_(0.2 * torch.randn(parameter.shape))
model.save_pretrained(out)
for name in ("vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
    if (source / name).exists():
        shutil.copy(source / name, out / name)
