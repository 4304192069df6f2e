"""What Luthier saves loads in transformers and gives the same logits.

Usage: saved_models.py LUTHIER [MODEL_DIR]     (from the project's folder; LUTHIER is the built program)
Trained here: the tiny model (or MODEL_DIR) with a head of each problem, frozen in part; and every architecture of the
fixtures with every head, saved as loaded, and with a new head for answers.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import torch
import transformers
from transformers import AutoConfig, AutoTokenizer

transformers.logging.set_verbosity_error()
luthier = str(Path(sys.argv[1]).resolve())
root = Path.cwd()
tiny = Path(sys.argv[2]) if len(sys.argv) > 2 else root / "Tests/Fixtures/tiny-bert"
TEXTS = ["a b c", "d e", "a", "c b a d e a b"]
TRAINED = {
    "single_label": ('labels: ["bad", "good"]', '["bad", "good", "bad", "good"]'),
    "multi_label": ('labels: ["x", "y", "z"], problem: "multi_label"', '[["x"], [], ["x", "z"], ["y"]]'),
    "regression": ("labels: 1", "[0.5, -1.0, 2.0, 0.0]"),
}


def run(script, folder):
    (folder / "script.luth").write_text(script)
    done = subprocess.run([luthier, "run", "script.luth"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return torch.from_numpy(numpy.load(folder / "logits.npy"))


def compare(name, model, inputs, expected):
    with torch.no_grad():
        output = model.eval()(**inputs)
    logits = torch.cat([output.start_logits[..., None], output.end_logits[..., None]], -1) if "start_logits" in output else output.logits
    mine = expected.reshape(logits.shape)
    worst = float((mine - logits).abs().max() / logits.abs().max())
    print(f"{name:40s} {type(model).__name__:36s} {worst:.1e} of the peak", flush=True)
    assert worst < 1e-5, name


for problem, (labels, targets) in TRAINED.items():
    with tempfile.TemporaryDirectory() as folder:
        texts = json.dumps(TEXTS)
        expected = run(f"""
m = load("{tiny.resolve()}").for_sequence_classification({labels}, seed: 2)
m.freeze("embeddings")
run = m.fit(table({{text: {texts}, label: {targets}}}), epochs: 2, batch: 2, lr: 1e-3)
save(m, "out")
save(m({texts}).logits, "logits.npy")
""", Path(folder))
        tokenizer = AutoTokenizer.from_pretrained(folder + "/out")
        model = getattr(transformers, AutoConfig.from_pretrained(folder + "/out").architectures[0]).from_pretrained(folder + "/out")
        inputs = tokenizer(TEXTS, return_tensors="pt", padding=True)
        compare("trained, " + problem, model, dict(inputs), expected)

for head in sorted((root / "Tests/Fixtures/dev/arch").glob("*/*/config.json")):
    source = head.parent
    architecture = json.loads(head.read_text())["architectures"][0]
    if source.name == "base":
        continue
    ids = [[5, 9, 17, 3, 11]]
    with tempfile.TemporaryDirectory() as folder:
        expected = run(f"""
m = load("{source.resolve()}")
save(m, "out")
save(m({{input_ids: {ids}}}).logits{"" if "Sequence" in architecture else ".flat"}, "logits.npy")
""", Path(folder))
        model = getattr(transformers, architecture).from_pretrained(folder + "/out", attn_implementation="eager")
        compare(f"{source.parent.name}/{source.name}", model, dict(input_ids=torch.tensor(ids)), expected)
for source in sorted((root / "Tests/Fixtures/dev/arch").glob("*/base")):
    if source.parent.name == "xlnet":  # its head for answers is of another kind
        continue
    ids = [[5, 9, 17, 3, 11]]
    with tempfile.TemporaryDirectory() as folder:
        expected = run(f"""
m = load("{source.resolve()}").for_question_answering(seed: 2)
save(m, "out")
save(m({{input_ids: {ids}}}).logits.flat, "logits.npy")
""", Path(folder))
        architecture = json.loads(Path(folder, "out/config.json").read_text())["architectures"][0]
        model = getattr(transformers, architecture).from_pretrained(folder + "/out", attn_implementation="eager")
        compare(f"{source.parent.name}, new head for answers", model, dict(input_ids=torch.tensor(ids)), expected)
print("all loaded, all equal")
