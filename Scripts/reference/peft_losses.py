"""The deterministic comparison of methods: the same model, head, method and rows on both sides, dropout 0, loss by loss.

  peft_losses.py init MODEL_DIR OUT_DIR lora|prefix|houlsby
      writes MODEL_DIR with a new head (seed 0, dropout 0) to OUT_DIR/model and the new method, as peft (or adapters)
      saves it, to OUT_DIR/adapter;
  peft_losses.py replay OUT_DIR TRAIN.jsonl STEPS.jsonl LR TOTAL_STEPS [THREADS]
      trains on the rows that Luthier took ({"rows": [...], "loss": x} a line, one line a step) and prints both losses
      and the largest relative difference.

The method and the whole head (pooler and classifier) train. The recipe is that of loss_by_loss.py.
"""
import json
import pathlib
import sys

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

import loss_by_loss
from loss_by_loss import labelled_texts


def open_base(directory):
    return AutoModelForSequenceClassification.from_pretrained(
        directory, num_labels=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)


def config_of(method):
    """peft's configuration of LoRA or of a prefix, with the whole head beside it."""
    from peft import LoraConfig, PrefixTuningConfig

    head = ["pooler", "classifier"]
    if method == "lora":
        return LoraConfig(
            task_type="SEQ_CLS", r=8, lora_alpha=16, lora_dropout=0.0, target_modules=["query", "value"], modules_to_save=head)
    return PrefixTuningConfig(task_type="SEQ_CLS", num_virtual_tokens=20, modules_to_save=head)


def training_head(model):
    """The model with its whole head trainable beside what is already; peft's copies train, not what they are copies of."""
    for name, parameter in model.named_parameters():
        if "original_module" in name:
            parameter.requires_grad = False
        elif "pooler" in name or "classifier" in name:
            parameter.requires_grad = True
    return model


def init(source, out, method):
    torch.manual_seed(0)
    out = pathlib.Path(out)
    base = open_base(source)
    base.save_pretrained(out / "model")
    AutoTokenizer.from_pretrained(source).save_pretrained(out / "model")
    base = open_base(out / "model")
    if method == "houlsby":
        import adapters
        from adapters import DoubleSeqBnConfig

        adapters.init(base)
        base.add_adapter("houlsby", config=DoubleSeqBnConfig(reduction_factor=16))
        base.save_adapter(str(out / "adapter"), "houlsby", with_head=False, use_safetensors=True)
        return
    from peft import get_peft_model

    get_peft_model(base, config_of(method)).save_pretrained(out / "adapter")


def open_method(out):
    out = pathlib.Path(out)
    base = open_base(out / "model")
    config = json.loads((out / "adapter" / "adapter_config.json").read_text())
    if "peft_type" not in config:
        import adapters

        adapters.init(base)
        name = base.load_adapter(str(out / "adapter"), with_head=False, use_safetensors=True)
        base.train_adapter(name)
        return training_head(base)
    from peft import PeftModel, PrefixTuningConfig, get_peft_model
    from safetensors.torch import load_file

    if config["peft_type"] == "PREFIX_TUNING":  # peft refuses to go on training a saved one
        model = get_peft_model(
            base, PrefixTuningConfig(
                task_type="SEQ_CLS", num_virtual_tokens=config["num_virtual_tokens"], modules_to_save=["pooler", "classifier"]))
        with torch.no_grad():
            rows = load_file(out / "adapter" / "adapter_model.safetensors")["prompt_embeddings"]
            model.prompt_encoder["default"].embedding.weight.copy_(rows)
    else:
        model = PeftModel.from_pretrained(base, out / "adapter", is_trainable=True)
    return training_head(model)


def replay(out, train, steps, lr, total, threads=2):
    batch = labelled_texts(train, AutoTokenizer.from_pretrained(pathlib.Path(out) / "model"), max_length=128)
    model = open_method(out).train()
    loss_by_loss.replay(model, lambda step: model(**batch(step)).loss, steps, lr, total, threads)


if __name__ == "__main__":
    {"init": init, "replay": replay}[sys.argv[1]](*sys.argv[2:])
