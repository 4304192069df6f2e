"""The statistical comparison of methods: a whole finetuning of a classifier with peft or adapters, and its accuracy.

  method_scores.py MODEL_DIR lora|houlsby|prefix TRAIN.jsonl TEST.jsonl LR EPOCHS MAX_LENGTH SEED [SEED...]

LoRA of rank 8 (scale 2) on query and value; Houlsby adapters with a sixteenth of the width; a prefix of 20. The method
and the whole head (pooler and classifier) train, with the model's own dropout everywhere, in the frozen blocks too. The
recipe and the batches are those of task_scores.py. A line of JSON a seed.
"""
import json
import sys
import time

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from peft_losses import config_of, training_head
from task_losses import names
from task_scores import score_texts, train


def attach(model, method):
    if method == "houlsby":
        import adapters
        from adapters import DoubleSeqBnConfig

        adapters.init(model)
        model.add_adapter(method, config=DoubleSeqBnConfig(reduction_factor=16))
        model.train_adapter(method)
        return training_head(model)
    from peft import get_peft_model

    return training_head(get_peft_model(model, config_of(method)))


def main(source, method, train_path, test_path, lr, epochs, max_length, *seeds):
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(source)
    known = names("texts", train_path)
    rows = [json.loads(line) for line in open(train_path)]
    rows = [dict(tokenizer(r["text"], truncation=True, max_length=int(max_length)), label=known.index(r["label"])) for r in rows]
    for seed in map(int, seeds):
        torch.manual_seed(seed)
        began = time.time()
        model = attach(AutoModelForSequenceClassification.from_pretrained(source, num_labels=len(known)), method)
        count = sum(p.numel() for p in model.parameters() if p.requires_grad)
        loss = train(model, "texts", rows, float(lr), int(epochs), seed)
        scores = score_texts(model, tokenizer, test_path, known, int(max_length))
        print(json.dumps(dict(method=method, seed=seed, trainable=count, last_epoch_loss=loss, **scores,
                              seconds=round(time.time() - began))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
