"""A model of a base size with random weights, as a model folder. Usage: peer_model.py distilbert|roberta|gpt2 TOKENIZER_FOLDER OUT"""
import json
import os
import shutil
import sys

import torch
from transformers import DistilBertConfig, DistilBertModel, GPT2Config, GPT2Model, RobertaConfig, RobertaModel

kind, source, out = sys.argv[1:]
MODELS = {
    "distilbert": lambda: DistilBertModel(DistilBertConfig()),
    "roberta": lambda: RobertaModel(RobertaConfig(
        vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, layer_norm_eps=1e-5, pad_token_id=1,
        bos_token_id=0, eos_token_id=2)),
    "gpt2": lambda: GPT2Model(GPT2Config(pad_token_id=50256)),
}
TOKENIZERS = {
    "distilbert": {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512},
    "roberta": {"tokenizer_class": "RobertaTokenizer", "model_max_length": 512, "bos_token": "<s>", "eos_token": "</s>",
                "sep_token": "</s>", "cls_token": "<s>", "unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"},
    "gpt2": {"tokenizer_class": "GPT2Tokenizer", "model_max_length": 1024, "bos_token": "<|endoftext|>",
             "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"},
}
torch.manual_seed(0)
for name in ("tokenizer.json", "vocab.txt", "vocab.json", "merges.txt", "special_tokens_map.json"):
    if os.path.exists(os.path.join(source, name)):
        shutil.copy(os.path.join(source, name), os.path.join(out, name))
with open(os.path.join(out, "tokenizer_config.json"), "w") as file:
    json.dump(TOKENIZERS[kind], file)
MODELS[kind]().save_pretrained(out)
print(json.dumps({"folder": out}))
