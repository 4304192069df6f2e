"""The deterministic finetuning comparison: the same model, head and rows on both sides, dropout 0, loss by loss.

  finetuning_losses.py init MODEL_DIR OUT_DIR [LABELS]
      writes MODEL_DIR with a new classification head (seed 0, dropout 0) to OUT_DIR, as save_pretrained does;
  finetuning_losses.py replay INIT_DIR TRAIN.jsonl STEPS.jsonl head|all LR TOTAL_STEPS [THREADS]
      trains on the rows that Luthier took ({"rows": [...], "loss": x} a line, one line a step) with transformers and
      prints both losses and the largest relative difference.

The recipe is that of loss_by_loss.py, with at most 256 tokens.
"""
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import loss_by_loss
from loss_by_loss import labelled_texts


def init(source, out, labels=2):
    torch.manual_seed(0)
    model = AutoModelForSequenceClassification.from_pretrained(
        source, num_labels=int(labels), hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    model.save_pretrained(out)
    AutoTokenizer.from_pretrained(source).save_pretrained(out)


def replay(directory, train, steps, mode, lr, total, threads=2):
    batch = labelled_texts(train, AutoTokenizer.from_pretrained(directory))
    model = AutoModelForSequenceClassification.from_pretrained(directory).train()
    for name, parameter in model.named_parameters():
        parameter.requires_grad = mode == "all" or "classifier" in name or "pooler" in name
    loss_by_loss.replay(model, lambda step: model(**batch(step)).loss, steps, lr, total, threads)


if __name__ == "__main__":
    {"init": init, "replay": replay}[sys.argv[1]](*sys.argv[2:])
