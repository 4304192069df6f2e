"""The statistical comparison for tasks: a whole finetuning with transformers, dropout as configured, and its score.

  task_scores.py MODEL_DIR KIND TRAIN TEST LR EPOCHS SEED [SEED...]

KIND: texts (JSON Lines with text and label: accuracy), tags (CoNLL: entity F1 as conlleval), answers (SQuAD: exact match
and F1). The recipe: batch 16, AdamW 0.01 (not on biases and norms), linear decay with 10 % warm-up, clip 1, at most 256
tokens (answers: windows of 256, stride 128; answers of at most 30 tokens, best over the windows). Batches hold texts
of about one length (pools of 50 batches, shuffled), as Trainer's group_by_length makes them. A line of JSON a seed.
"""
import collections
import json
import math
import os
import re
import string
import sys
import time

import numpy as np
import torch
from transformers import AutoTokenizer, get_linear_schedule_with_warmup

from loss_by_loss import is_spared
from task_losses import CLASS, conll, examples, loss_of, names


def batches(rows, rng, size=16):
    order = rng.permutation(len(rows))
    pools = [order[i:i + 50 * size] for i in range(0, len(order), 50 * size)]
    out = []
    for pool in pools:
        pool = sorted(pool, key=lambda i: -len(rows[i]["input_ids"]))
        out += [pool[i:i + size] for i in range(0, len(pool), size)]
    rng.shuffle(out)
    return out


def train(model, kind, rows, lr, epochs, seed):
    """Trains what is trainable; gives the mean loss of the last epoch."""
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW([dict(params=[p for n, p in named if not is_spared(n)], weight_decay=0.01),
                                   dict(params=[p for n, p in named if is_spared(n)], weight_decay=0.0)], lr=lr)
    total = epochs * math.ceil(len(rows) / 16)
    schedule = get_linear_schedule_with_warmup(optimizer, math.ceil(total / 10), total)
    rng, losses = np.random.default_rng(seed), []
    model.train()
    for _ in range(epochs):
        losses = []
        for batch in batches(rows, rng):
            loss = loss_of(model, kind, [rows[i] for i in batch])
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for _, p in named], 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def outputs(model, rows):
    """Each row's logits, without padding, in the order of rows."""
    model.eval()
    out, order = [None] * len(rows), sorted(range(len(rows)), key=lambda i: len(rows[i]["input_ids"]))
    for at in range(0, len(order), 32):
        some = order[at:at + 32]
        width = max(len(rows[i]["input_ids"]) for i in some)
        pad = lambda key: torch.tensor([list(rows[i][key]) + [0] * (width - len(rows[i][key])) for i in some])
        mask = torch.tensor([[1] * len(rows[i]["input_ids"]) + [0] * (width - len(rows[i]["input_ids"])) for i in some])
        said = model(input_ids=pad("input_ids"), token_type_ids=pad("token_type_ids"), attention_mask=mask)
        for k, i in enumerate(some):
            n = len(rows[i]["input_ids"])
            out[i] = [said[key][k] if said[key].dim() == 2 and key == "logits" else said[key][k][:n]
                      for key in said.keys()]
    return out


def score_texts(model, tokenizer, path, known, max_length=256):
    rows = [json.loads(line) for line in open(path)]
    encoded = [tokenizer(r["text"], truncation=True, max_length=max_length) for r in rows]
    right = sum(known[int(o[0].argmax())] == r["label"] for o, r in zip(outputs(model, encoded), rows))
    return dict(accuracy=right / len(rows), right=right, rows=len(rows))


def score_tags(model, tokenizer, path, known):
    from seqeval.metrics import f1_score
    sentences, gold, found = conll(path), [], []
    encoded = [tokenizer(words, is_split_into_words=True, truncation=True, max_length=256) for words, _ in sentences]
    for enc, said, (_, tags) in zip(encoded, outputs(model, encoded), sentences):
        predicted, last = ["O"] * len(tags), None
        for place, word in enumerate(enc.word_ids()):
            if word is not None and word != last:
                predicted[word] = known[int(said[0][place].argmax())]
            last = word
        gold.append(tags)
        found.append(predicted)
    return dict(f1=f1_score(gold, found), sentences=len(gold))


def normal(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def f1(a, b):
    a, b = normal(a).split(), normal(b).split()
    same = sum((collections.Counter(a) & collections.Counter(b)).values())
    return 2 * same / (len(a) + len(b)) if same else float(a == b)


def score_answers(model, tokenizer, path, _):
    windows, owner, questions = [], [], []
    for article in json.load(open(path))["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                enc = tokenizer(qa["question"].lstrip(), paragraph["context"], truncation="only_second", max_length=256, stride=128,
                                return_overflowing_tokens=True, return_offsets_mapping=True)
                for i in range(len(enc["input_ids"])):
                    windows.append(dict(input_ids=enc["input_ids"][i], token_type_ids=enc["token_type_ids"][i],
                                        offsets=enc["offset_mapping"][i], inside=[s == 1 for s in enc.sequence_ids(i)]))
                    owner.append(len(questions))
                questions.append((paragraph["context"], [a["text"] for a in qa["answers"]]))
    best = [(-1e30, "")] * len(questions)
    for window, said, who in zip(windows, outputs(model, windows), owner):
        start, end = said[0].numpy(), said[1].numpy()
        inside = np.array(window["inside"])
        table = start[:, None] + end[None, :]
        allowed = np.triu(np.ones_like(table, bool)) & ~np.triu(np.ones_like(table, bool), 30)
        table = np.where(allowed & inside[:, None] & inside[None, :], table, -1e30)
        a, b = np.unravel_index(table.argmax(), table.shape)
        if table[a, b] > best[who][0]:
            best[who] = (table[a, b], questions[who][0][window["offsets"][a][0]:window["offsets"][b][1]])
    exact = np.mean([max(normal(found) == normal(a) for a in gold) for (_, found), (_, gold) in zip(best, questions)])
    share = np.mean([max(f1(found, a) for a in gold) for (_, found), (_, gold) in zip(best, questions)])
    return dict(exact=float(exact), f1=float(share), questions=len(questions))


SCORE = dict(texts=score_texts, tags=score_tags, answers=score_answers)


def main(source, kind, train_path, test_path, lr, epochs, *seeds):
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 2)))
    tokenizer = AutoTokenizer.from_pretrained(source)
    known = names(kind, train_path) if kind in ("texts", "tags") else []
    rows = examples(kind, train_path, tokenizer)
    for seed in map(int, seeds):
        torch.manual_seed(seed)
        began = time.time()
        kwargs = dict(num_labels=len(known)) if known else {}
        model = CLASS[kind].from_pretrained(source, **kwargs)
        loss = train(model, kind, rows, float(lr), int(epochs), seed)
        scores = SCORE[kind](model, tokenizer, test_path, known)
        print(json.dumps(dict(kind=kind, train=train_path, seed=seed, last_epoch_loss=loss, **scores,
                              seconds=round(time.time() - began))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
