"""Methods that Luthier saved, loaded with peft (and, for adapters, AdapterHub's `adapters`): equal logits?

  LUTHIER_EXPORT=DIR swift test --filter MethodExport      writes bases, adapters and logits of every family to DIR
  peft_loads.py DIR [peft|adapters]                        loads them here and prints the largest difference of each

peft and adapters want different versions of transformers, so each is asked in its own environment. Exit code 1 if one
differs by more than 1e-4 or can't be loaded. XLNet is left out: its projections are no modules there. With transformers
5.24 peft 0.21 refuses prefixes on classifiers ("Model does not support past key values"); with language models it works.
"""
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

root = pathlib.Path(sys.argv[1])
library = sys.argv[2] if len(sys.argv) > 2 else "peft"
failed = []
for folder in sorted(root.glob("*/*/adapter")):
    case, family = folder.parent, folder.parent.parent.name
    config = json.loads((folder / "adapter_config.json").read_text())
    is_peft = "peft_type" in config
    if family == "xlnet" or is_peft != (library == "peft"):
        continue
    if family == "distilbert" and config.get("peft_type") == "PREFIX_TUNING":
        continue  # peft has no prefix for it
    kind = json.loads((case.parent / "base" / "config.json").read_text())["architectures"][0]
    base = getattr(transformers, kind).from_pretrained(case.parent / "base", attn_implementation="eager")
    try:
        if is_peft:
            from peft import PeftModel

            model = PeftModel.from_pretrained(base, folder)
        else:
            import adapters

            adapters.init(base)
            name = base.load_adapter(str(folder), with_head=(folder / "head_config.json").exists(), use_safetensors=True)
            base.set_active_adapters(name)
            model = base
        model.eval()
        expected = load_file(case / "expected.safetensors")
        worst, row = 0.0, 0
        with torch.no_grad():
            while f"input_ids.{row}" in expected:
                ids = expected[f"input_ids.{row}"].reshape(1, -1)
                logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
                mine = expected[f"logits.{row}"]
                worst = max(worst, (logits.reshape(mine.shape) - mine).abs().max().item())
                row += 1
        good = row > 0 and worst <= 1e-4
        print(f"{family:12s} {case.name:16s} {row} texts  largest difference {worst:.1e}{'' if good else '  DIFFERS'}", flush=True)
        if not good:
            failed.append(str(case))
    except Exception as error:
        failed.append(str(case))
        print(f"{family:12s} {case.name:16s} {type(error).__name__}: {str(error)[:150]}", flush=True)
print("all equal" if not failed else f"{len(failed)} differ or failed")
sys.exit(bool(failed))
