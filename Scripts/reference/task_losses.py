"""The deterministic comparison for every task: same model, head and rows on both sides, dropout 0, loss by loss.

  task_losses.py init MODEL_DIR OUT_DIR KIND DATA      MODEL_DIR with a new head (seed 0, dropout 0), as save_pretrained does
  task_losses.py replay INIT_DIR KIND DATA STEPS.jsonl LR TOTAL_STEPS [THREADS]
      trains with transformers on the rows that Luthier took (a line a step: {"rows": [...], "loss": x}) and prints both
      losses and the largest relative difference.

KIND: texts (JSON Lines with text and label), tags (CoNLL), answers (SQuAD), causal (plain text; blocks of 64 tokens).
The recipe is that of loss_by_loss.py, with at most 256 tokens (answers: stride 128). A question's loss leaves padding
out of its softmax, as batches without padding do.
"""
import json
import sys

import torch
from torch.nn.functional import cross_entropy
from transformers import (AutoModelForCausalLM, AutoModelForQuestionAnswering, AutoModelForSequenceClassification,
                          AutoModelForTokenClassification, AutoTokenizer)

import loss_by_loss

CLASS = dict(texts=AutoModelForSequenceClassification, tags=AutoModelForTokenClassification,
             answers=AutoModelForQuestionAnswering, causal=AutoModelForCausalLM)


def conll(path):
    rows, words, tags = [], [], []
    for line in list(open(path, encoding="utf-8")) + ["\n"]:
        if line.strip():
            word, tag = line.rstrip("\n").split("\t")
            words.append(word)
            tags.append(tag)
        elif words:
            rows.append((words, tags))
            words, tags = [], []
    return rows


def names(kind, path):
    if kind == "texts":
        return sorted({json.loads(line)["label"] for line in open(path)})
    return sorted({tag for _, tags in conll(path) for tag in tags}, key=lambda t: t.encode())


def examples(kind, path, tokenizer):
    """For each row {input_ids, token_type_ids, label(s)}."""
    if kind == "causal":
        ids = tokenizer(open(path, encoding="utf-8").read())["input_ids"]
        return [dict(input_ids=ids[i:i + 64], labels=ids[i:i + 64]) for i in range(0, len(ids), 64)]
    if kind == "answers":
        out = []
        for article in json.load(open(path))["data"]:
            for paragraph in article["paragraphs"]:
                for qa in paragraph["qas"]:
                    answer = qa["answers"][0]
                    first, last = answer["answer_start"], answer["answer_start"] + len(answer["text"])
                    enc = tokenizer(qa["question"].lstrip(), paragraph["context"], truncation="only_second", max_length=256,
                                    stride=128, return_overflowing_tokens=True, return_offsets_mapping=True)
                    for i, offsets in enumerate(enc["offset_mapping"]):
                        places = [k for k, s in enumerate(enc.sequence_ids(i)) if s == 1]
                        start = end = 0
                        if offsets[places[0]][0] <= first and offsets[places[-1]][1] >= last:
                            start = max(k for k in places if offsets[k][0] <= first)
                            end = min(k for k in places if offsets[k][1] >= last)
                        out.append(dict(input_ids=enc["input_ids"][i], token_type_ids=enc["token_type_ids"][i], span=(start, end)))
        return out
    known = names(kind, path)
    if kind == "texts":
        rows = [json.loads(line) for line in open(path)]
        return [dict(tokenizer(r["text"], truncation=True, max_length=256), label=known.index(r["label"])) for r in rows]
    out = []
    for words, tags in conll(path):
        enc = tokenizer(words, is_split_into_words=True, truncation=True, max_length=256)
        labels, last = [], None
        for word in enc.word_ids():
            labels.append(-100 if word is None or word == last else known.index(tags[word]))
            last = word
        out.append(dict(enc, labels=labels))
    return out


def loss_of(model, kind, rows):
    width = max(len(r["input_ids"]) for r in rows)
    pad = lambda key, value: torch.tensor([list(r[key]) + [value] * (width - len(r[key])) for r in rows])
    mask = torch.tensor([[1] * len(r["input_ids"]) + [0] * (width - len(r["input_ids"])) for r in rows])
    inputs = dict(input_ids=pad("input_ids", 0), attention_mask=mask)
    if "token_type_ids" in rows[0]:
        inputs["token_type_ids"] = pad("token_type_ids", 0)
    if kind == "texts":
        return model(**inputs, labels=torch.tensor([r["label"] for r in rows])).loss
    if kind == "answers":
        said = model(**inputs)
        starts, ends = (torch.tensor([r["span"][k] for r in rows]) for k in (0, 1))
        hide = lambda logits: logits.masked_fill(mask == 0, float("-inf"))
        return (cross_entropy(hide(said.start_logits), starts) + cross_entropy(hide(said.end_logits), ends)) / 2
    return model(**inputs, labels=pad("labels", -100)).loss


def init(source, out, kind, data):
    torch.manual_seed(0)
    kwargs = {}
    if kind in ("texts", "tags"):
        known = names(kind, data)
        kwargs = dict(num_labels=len(known), id2label=dict(enumerate(known)), label2id={n: i for i, n in enumerate(known)})
    if kind != "causal":
        kwargs.update(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    CLASS[kind].from_pretrained(source, **kwargs).save_pretrained(out)
    AutoTokenizer.from_pretrained(source).save_pretrained(out)


def replay(directory, kind, data, steps, lr, total, threads=2):
    rows = examples(kind, data, AutoTokenizer.from_pretrained(directory))
    model = CLASS[kind].from_pretrained(directory).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    loss_by_loss.replay(
        model, lambda step: loss_of(model, kind, [rows[i] for i in step["rows"]]), steps, lr, total, threads)


if __name__ == "__main__":
    {"init": init, "replay": replay}[sys.argv[1]](*sys.argv[2:])
