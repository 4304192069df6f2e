"""Options of config.json and layouts of checkpoints, family by family: hidden states and logits as transformers', or a refusal.

Usage: configuration_options.py LUTHIER FOLDER [PATTERN]     (the built program; a folder for tiny models; cases by name)
Each case is a model of random weights, saved, its config.json or tensors changed, read again by both. A line each: `=` agrees,
`X` differs, `R` refused here alone (with the message), `?` refused upstream alone, `.` refused by both. Only X is a fault.
"""
import json
import re
import sys
from pathlib import Path

import torch
import transformers as T
from safetensors.torch import load_file, save_file

from run_cases import run_cases

T.logging.set_verbosity_error()
T.logging.disable_progress_bar()
torch.set_num_threads(1)
luthier, root, pattern = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve(), (sys.argv[3:] or [""])[0]
V, TEXTS = 48, [[5, 9, 17, 3, 11, 40, 22, 7, 30, 6, 12], [2, 13, 14, 15, 16, 47, 3], [21, 8, 33, 4]]
encoder = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20, max_position_embeddings=32)
decoder = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, intermediate_size=20,
               max_position_embeddings=32, bos_token_id=1, eos_token_id=2, pad_token_id=2)
tasks = dict(base="Model", seq="ForSequenceClassification", tok="ForTokenClassification", qa="ForQuestionAnswering")
# family: configuration, its sizes, class prefix, name of the backbone, word embeddings, decoder, classes
FAMILIES = {
    "bert": (T.BertConfig, encoder, "Bert", "bert", "embeddings.word_embeddings.weight", "cls.predictions.decoder.weight",
             dict(tasks, lm="ForMaskedLM")),
    "roberta": (T.RobertaConfig, dict(encoder, pad_token_id=1, type_vocab_size=1), "Roberta", "roberta",
                "embeddings.word_embeddings.weight", "lm_head.decoder.weight", dict(tasks, lm="ForMaskedLM")),
    "distilbert": (T.DistilBertConfig, dict(dim=16, n_layers=2, n_heads=2, hidden_dim=20, max_position_embeddings=32), "DistilBert",
                   "distilbert", "embeddings.word_embeddings.weight", "vocab_projector.weight", dict(tasks, lm="ForMaskedLM")),
    "gpt2": (T.GPT2Config, dict(n_embd=16, n_layer=2, n_head=2, n_positions=32, bos_token_id=2, eos_token_id=2, pad_token_id=2), "GPT2",
             "transformer", "wte.weight", "lm_head.weight", dict(tasks, lm="LMHeadModel")),
    "xlnet": (T.XLNetConfig, dict(d_model=16, n_layer=2, n_head=2, d_inner=20), "XLNet", "transformer", "word_embedding.weight",
              "lm_loss.weight", dict(tasks, lm="LMHeadModel", qa="ForQuestionAnsweringSimple")),
    "llama": (T.LlamaConfig, decoder, "Llama", "model", "embed_tokens.weight", "lm_head.weight", dict(tasks, lm="ForCausalLM")),
    "mistral": (T.MistralConfig, dict(decoder, sliding_window=None), "Mistral", "model", "embed_tokens.weight", "lm_head.weight",
                dict(tasks, lm="ForCausalLM")),
    "qwen2": (T.Qwen2Config, decoder, "Qwen2", "model", "embed_tokens.weight", "lm_head.weight", dict(tasks, lm="ForCausalLM")),
}
LLAMAS = ("llama", "mistral", "qwen2")
CASES = []


def case(family, what, head="lm", patch=None, drop=(), weights=None, **options):
    """A model made with `options`; then config.json without `drop` and with `patch`, tensors as `weights` makes them."""
    name = f"{family} {head} {what or ' '.join(f'{k}={v}' for k, v in (patch or options).items())}"
    if re.search(pattern, name):
        CASES.append((name, family, head, patch or {}, drop, weights, options))


def renamed(*pairs):
    def change(tensors):
        for old, new in pairs:
            tensors = {re.sub(old, new, k): v for k, v in tensors.items()}
        return tensors
    return change


def cast(*types):
    return lambda tensors: {k: v.to(types[i % len(types)]) for i, (k, v) in enumerate(tensors.items())}


def beside(name, like, factor):
    return lambda tensors: {**tensors, name: tensors[like] * factor}


for f, (_, sizes, _, base, words, out, heads) in FAMILIES.items():
    words = f"{base}.{words}"
    activation = {"distilbert": "activation", "gpt2": "activation_function", "xlnet": "ff_activation"}.get(f, "hidden_act")
    epsilon = "rms_norm_eps" if f in LLAMAS else "layer_norm_epsilon" if f == "gpt2" else "layer_norm_eps"
    for h in heads:
        case(f, "plain", h)
    for a in ("gelu gelu_10 gelu_fast gelu_new gelu_python gelu_pytorch_tanh gelu_python_tanh gelu_accurate laplace leaky_relu linear "
              "mish quick_gelu relu relu2 relu6 sigmoid silu swish tanh hardswish prelu xielu").split():
        case(f, "", **{activation: a})
    for value in (1e-12, 1e-3, 0.5):
        case(f, "", **{epsilon: value})
    for pad in (0, 5, 47, None, -1, 100):
        case(f, "", "seq", {"pad_token_id": pad}), case(f, "", "lm", {"pad_token_id": pad})
    for n in (1, 2, 7):
        case(f, "", "seq", num_labels=n), case(f, "", "tok", num_labels=n)
    for problem, n in (("regression", 1), ("regression", 3), ("multi_label_classification", 3), ("single_label_classification", 3)):
        case(f, "", "seq", problem_type=problem, num_labels=n)
    case(f, "num_labels alone", "seq", {"num_labels": 4}, ("id2label", "label2id"), num_labels=4)
    case(f, "padding absent", "seq", drop=("pad_token_id",)), case(f, "no architectures", "base", drop=("architectures",))
    for key, value in (("is_causal", False), ("is_causal", True), ("is_decoder", True), ("add_cross_attention", True),
                       ("attention_multiplier", 3.0), ("logits_scaling", 4.0), ("final_logit_softcapping", 1.0), ("qk_norm", True)):
        case(f, "", "lm", {key: value})
    case(f, "quantization_config", "lm", {"quantization_config": {"quant_method": "gptq", "bits": 4}})
    for types in ((torch.bfloat16,), (torch.float16,), (torch.float64,), (torch.float32, torch.float16, torch.bfloat16)):
        case(f, f"weights of {types}", weights=cast(*types)), case(f, f"weights of {types}", "seq", weights=cast(*types))
    case(f, "base with prefix", "base", weights=renamed(("^", base + ".")))
    case(f, "lm without prefix", weights=renamed((rf"^{base}\.", ""))), case(f, "module. before all", weights=renamed(("^", "module.")))
    case(f, "tied, decoder there and equal", tie_word_embeddings=True, weights=beside(out, words, 1))
    case(f, "tied, decoder there and different", tie_word_embeddings=True, weights=beside(out, words, 1.7))
    case(f, "tied, decoder alone", tie_word_embeddings=True, weights=renamed((f"^{re.escape(words)}$", out)))
    case(f, "untied", tie_word_embeddings=False), case(f, "tie absent", drop=("tie_word_embeddings",))
    case(f, "in parts", weights="parts"), case(f, "unused tensors", weights=lambda w: {**w, "other.weight": torch.ones(3)})
for f in ("bert", "roberta"):
    case(f, "gamma and beta", "base", weights=renamed((r"LayerNorm\.weight", "LayerNorm.gamma"), (r"LayerNorm\.bias", "LayerNorm.beta")))
for f, bias in (("bert", "cls.predictions"), ("roberta", "lm_head")):
    for tie in (True, False):
        case(f, f"decoder's bias different, {tie}", tie_word_embeddings=tie, weights=beside(bias + ".decoder.bias", bias + ".bias", -2))
        case(f, f"decoder's bias alone, {tie}", tie_word_embeddings=tie,
             weights=lambda w, b=bias: {**{k: v for k, v in w.items() if k != b + ".bias"}, b + ".decoder.bias": w[b + ".bias"]})
    for n in (1, 2, 3):
        case(f, "", type_vocab_size=n)
    for kind in ("absolute", "relative_key", "relative_key_query"):
        case(f, "", "lm", {"position_embedding_type": kind})
for value in (True, False):
    case("distilbert", "", sinusoidal_pos_embds=value), case("gpt2", "", reorder_and_upcast_attn=value, n_layer=3)
    for by_layer in (True, False):
        case("gpt2", "", scale_attn_weights=value, scale_attn_by_inverse_layer_idx=by_layer, n_layer=3)
for inner in (None, 7, 64):
    case("gpt2", "", n_inner=inner)
for key, values in (("clamp_len", (-1, 0, 2, 100)), ("mem_len", (None, 3)), ("bi_data", (True,)), ("attn_type", ("uni",)),
                    ("same_length", (True,)), ("untie_r", (False,)), ("use_mems_eval", (False,)), ("d_head", (4, None))):
    for value in values:
        case("xlnet", "", "lm", {key: value})
for key, values in (("summary_type", ("first", "mean", "cls_index")), ("summary_activation", ("gelu",)), ("summary_use_proj", (False,))):
    for value in values:
        case("xlnet", "", "seq", {key: value})
ROPE = {"default": {}, "linear": dict(factor=2.5), "dynamic": dict(factor=2.0), "proportional": {},
        "yarn": dict(factor=4.0, original_max_position_embeddings=8),
        "llama3": dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8),
        "longrope": dict(short_factor=[1.5, 2.0], long_factor=[2.0, 3.0], factor=4.0, original_max_position_embeddings=8)}
for f in LLAMAS:
    plain = dict(rope_type="default", rope_theta=50.0)
    for kind, more in ROPE.items():
        case(f, f"rope {kind}", "lm", {"rope_parameters": dict(rope_type=kind, rope_theta=50.0, **more)})
        for key in ("type", "rope_type"):
            case(f, f"rope {kind} by rope_scaling.{key}", "lm", {"rope_scaling": {key: kind, **more}, "rope_theta": 50.0}, ("rope_parameters",))
    case(f, "rope in both", "lm", {"rope_parameters": plain, "rope_scaling": dict(type="linear", factor=2.0)})
    case(f, "theta in both", "lm", {"rope_parameters": plain, "rope_theta": 99.0}), case(f, "no rope", drop=("rope_parameters",))
    case(f, "half rotary", "lm", {"partial_rotary_factor": 0.5})
    case(f, "half rotary inside", "lm", {"rope_parameters": dict(plain, partial_rotary_factor=0.5)})
    case(f, "", head_dim=8) if f != "qwen2" else None
    for key, values in (("attention_bias", (True,)), ("mlp_bias", (True,)), ("sliding_window", (1, 3, 100, None)), ("pretraining_tp", (2,))):
        for value in values:
            case(f, "", "lm", {key: value})
    for more in ({"max_window_layers": 0}, {"max_window_layers": 1}, {"layer_types": ["sliding_attention", "full_attention"]}):
        case(f, "", "lm", {"use_sliding_window": True, "sliding_window": 3, **more}, ("layer_types",))
    case(f, "no sliding_window", drop=("sliding_window",)), case(f, "", num_key_value_heads=1), case(f, "", num_key_value_heads=4)


def randomized(model):
    """Random everywhere: upstream's start leaves outputs nearly constant."""
    g = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for name, p in model.named_parameters():
            is_norm = "norm" in name.lower() or ".ln_" in name
            spread = 0.2 if is_norm or p.dim() < 2 else 0.7 if "embed" in name or ".w" in name[-10:-6] else p.shape[-1] ** -0.5
            p.copy_(spread * torch.randn(p.shape, generator=g) + (1.0 if is_norm and name.endswith("weight") else 0.0))
    return model.eval()


def made(folder, family, head, patch, drop, weights, options):
    """Saves a case and gives what upstream computes of it."""
    configuration, sizes, prefix, *_, heads = FAMILIES[family]
    options = dict(dict(num_labels=3) if head in ("seq", "tok") else {}, **options)
    model = randomized(getattr(T, prefix + heads[head])(configuration(**dict(sizes, vocab_size=V, **options))))
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    tensors = {v.data_ptr(): (k, v) for k, v in reversed(model.state_dict().items())}
    tensors = {k: v.clone() for k, v in tensors.values()}
    tensors = weights(tensors) if callable(weights) else tensors
    names = sorted(tensors)
    parts = {f"model-{i + 1:05d}-of-00003.safetensors": names[i::3] for i in range(3)} if weights == "parts" else {"model.safetensors": names}
    for file, own in parts.items():
        save_file({k: tensors[k].contiguous() for k in own}, folder / file, metadata={"format": "pt"})
    if weights == "parts":
        places = {k: file for file, own in parts.items() for k in own}
        (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))
    config = {**json.loads((folder / "config.json").read_text()), "architectures": [type(model).__name__]}
    config = {k: v for k, v in config.items() if k not in drop}
    (folder / "config.json").write_text(json.dumps({**config, **patch}))
    model = type(model).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    found = {}
    for ids in TEXTS:  # one by one: without padding
        with torch.no_grad():
            output = model(torch.tensor([ids]), output_hidden_states=True)
        rows = [h[0] for h in output.hidden_states]
        if head == "qa":
            rows.append(torch.stack([output.start_logits[0], output.end_logits[0]], -1))
        elif head != "base":
            rows.append(output.logits if head == "seq" else output.logits[0])
        for place, tensor in enumerate(rows):
            found.setdefault(place, []).append(tensor)
    return [torch.cat(parts) for parts in found.values()]


def script(places):
    lines = []
    for i in places:
        head, layers = CASES[i][2], len(expected[i]) - (CASES[i][2] != "base") if isinstance(expected[i], list) else 1
        states = "".join(f"h{k}: out.hidden_states[{k}].flat, " for k in range(layers))
        logits = "" if head == "base" else f"h{layers}: out.logits" + ("" if head == "seq" else ".flat")
        lines.append(f'print("case {i}")\nout = load("{i}")({{input_ids: {TEXTS}}}, hidden_states: true)\n'
                     f'save({{{states}{logits}}}, "{i}/found.safetensors")')
    return "\n".join(lines) + "\n"


expected = {}
for i, (name, *rest) in enumerate(CASES):
    try:
        expected[i] = made(root / str(i), *rest)
    except Exception as error:
        expected[i] = f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"
refused = run_cases(luthier, root, [i for i in range(len(CASES)) if (root / str(i)).exists()], script, 150)
faults = 0
for i, (name, *_) in enumerate(CASES):
    mine, theirs = refused.get(i), expected[i]
    if isinstance(theirs, str):
        print(f"{'.' if mine or not (root / str(i)).exists() else '?'} {name:60s} upstream: {theirs}")
    elif mine:
        print(f"R {name:60s} {mine[:220]}")
    else:
        found = load_file(root / str(i) / "found.safetensors")
        worst = max(float((found[f"h{k}"].reshape(t.shape) - t).abs().max() / t.abs().max()) for k, t in enumerate(theirs))
        faults += not worst < 1e-4
        print(f"{'=' if worst < 1e-4 else 'X'} {name:60s} {worst:.1e} of the peak")
print(f"{len(CASES)} cases, {faults} differ")
sys.exit(faults > 0)
