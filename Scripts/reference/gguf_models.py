"""Small models in GGUF as llama.cpp's converter names and orders things, with the logits that transformers computes
from the same (dequantised) weights: Tests/Fixtures/gguf/<family>.{gguf,safetensors}.

Needs torch, transformers, gguf, safetensors. Usage: gguf_models.py TARGET_FOLDER
"""
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType as T
from gguf import GGUFWriter, quants
from safetensors.torch import save_file
from transformers import (GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, Phi3Config, Phi3ForCausalLM,
                          Qwen2Config, Qwen2ForCausalLM)

out = Path(sys.argv[1])
H, I, L, HEADS, KV, CONTEXT = 64, 128, 2, 4, 2, 48
TEMPLATE = ("{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + eos_token }}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}")


def byte_alphabet():
    """GPT-2's printable characters for bytes."""
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, spare = {}, 0
    for b in range(256):
        if b in kept:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + spare)
            spare += 1
    return table


def byte_level(w, pre):
    table = byte_alphabet()
    merges = [("t", "h"), ("th", "e"), (table[32], "the"), ("i", "n"), ("a", "n"), ("e", "r"), ("o", "n")]
    tokens = [table[b] for b in range(256)] + ["".join(m) for m in merges]
    special = ["<|end|>", "<|user|>", "<|assistant|>"]
    types = [1] * len(tokens) + [3] * len(special)
    tokens += special
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(pre)
    w.add_token_list(tokens)
    w.add_token_types(types)
    w.add_token_merges([" ".join(m) for m in merges])
    w.add_eos_token_id(tokens.index("<|end|>"))
    w.add_add_bos_token(False)
    w.add_chat_template(TEMPLATE)
    return len(tokens)


def sentence_pieces(w):
    tokens, scores, types = ["<unk>", "<s>", "</s>"], [0.0] * 3, [2, 3, 3]
    for b in range(256):
        tokens.append(f"<0x{b:02X}>")
        scores.append(0.0)
        types.append(6)
    for k, piece in enumerate(["\u2581", *"abcdefghijklmnopqrstuvwxyz", "th", "the", "\u2581the", "in", "an", "er"]):
        tokens.append(piece)
        scores.append(-float(k + 1) if len(piece) > 1 else -100.0 - k)
        types.append(1)
    w.add_tokenizer_model("llama")
    w.add_token_list(tokens)
    w.add_token_scores(scores)
    w.add_token_types(types)
    w.add_bos_token_id(1)
    w.add_eos_token_id(2)
    w.add_unk_token_id(0)
    w.add_chat_template(TEMPLATE)
    return len(tokens)


def permuted(weight, heads):
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


LLAMA_NAMES = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "self_attn.qkv_proj": "attn_qkv", "mlp.gate_up_proj": "ffn_up",
}
GPT2_NAMES = {
    "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "ln_1": "attn_norm", "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
}
TOP = {
    "model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight", "transformer.wte.weight": "token_embd.weight",
    "transformer.wpe.weight": "position_embd.weight", "transformer.ln_f.weight": "output_norm.weight",
    "transformer.ln_f.bias": "output_norm.bias",
}


def gguf_name(name):
    if name in TOP:
        return TOP[name]
    parts = name.split(".")
    block, module, kind = parts[2], ".".join(parts[3:-1]), parts[-1]
    return f"blk.{block}.{(GPT2_NAMES if parts[0] == 'transformer' else LLAMA_NAMES)[module]}.{kind}"


def make(family, arch, config, cls, types, pre=None, extra=None):
    torch.manual_seed(sum(map(ord, family)))
    w = GGUFWriter(out / f"{family}.gguf", arch)
    config.vocab_size = byte_level(w, pre) if pre else sentence_pieces(w)
    model = cls(config).eval()
    gpt2 = arch == "gpt2"
    w.add_context_length(CONTEXT)
    w.add_embedding_length(H)
    w.add_feed_forward_length(I)
    w.add_block_count(L)
    w.add_head_count(HEADS)
    if gpt2:
        w.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        w.add_head_count_kv(KV)
        w.add_layer_norm_rms_eps(config.rms_norm_eps)
        w.add_rope_freq_base(500.0)
        w.add_rope_dimension_count(H // HEADS)
    if extra:
        extra(w)
    k = 0
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(torch.randn(p.shape) * (0.3 if p.ndim > 1 else 0.1) + (1 if "norm" in name or ".ln_" in name else 0) * ("bias" not in name))
        for name, p in model.named_parameters():
            a = p.numpy()
            conv = gpt2 and p.ndim == 2 and any(s in name for s in ("c_attn", "c_proj", "c_fc"))
            stored = a.T if conv else a
            if p.ndim == 2:
                kind = types[k % len(types)]
                k += 1
                q = quants.quantize(np.ascontiguousarray(stored), kind)
                back = quants.dequantize(q, kind).astype(np.float32).reshape(stored.shape)
                p.copy_(torch.from_numpy(np.ascontiguousarray(back.T if conv else back)))
                if arch == "llama" and ("q_proj" in name or "k_proj" in name):
                    q = permuted(q, HEADS if "q_proj" in name else KV)
                w.add_tensor(gguf_name(name), np.ascontiguousarray(q), raw_dtype=kind)
            else:
                if arch == "llama" and name.endswith(("q_proj.bias", "k_proj.bias")):
                    a = permuted(a, HEADS if "q_proj" in name else KV)
                w.add_tensor(gguf_name(name), np.ascontiguousarray(a))
        w.write_header_to_file()
        w.write_kv_data_to_file()
        w.write_tensors_to_file()
        w.close()
        ids = torch.randint(0, config.vocab_size, (1, 23))
        logits = model(ids).logits
        made = model.generate(ids[:, :5], attention_mask=torch.ones(1, 5, dtype=torch.long), max_new_tokens=12, do_sample=False, eos_token_id=None, pad_token_id=0)
    save_file({"input_ids": ids, "logits": logits.contiguous(), "greedy": made.contiguous()}, out / f"{family}.safetensors")


common = dict(hidden_size=H, intermediate_size=I, num_hidden_layers=L, num_attention_heads=HEADS, num_key_value_heads=KV,
              max_position_embeddings=CONTEXT, rms_norm_eps=1e-5, pad_token_id=None, attn_implementation="eager")
rope = dict(rope_parameters={"rope_type": "default", "rope_theta": 500.0})

make("llama", "llama", LlamaConfig(**common, **rope, tie_word_embeddings=False, attention_bias=False), LlamaForCausalLM,
     [T.Q8_0, T.Q4_1, T.F16, T.Q4_0])
make("qwen2", "qwen2", Qwen2Config(**common, **rope, tie_word_embeddings=True), Qwen2ForCausalLM, [T.Q8_0, T.BF16, T.Q5_0],
     pre="qwen2")
make("gpt2", "gpt2", GPT2Config(n_positions=CONTEXT, n_embd=H, n_layer=L, n_head=HEADS, n_inner=I,
                                attn_implementation="eager"), GPT2LMHeadModel, [T.Q8_0, T.F32, T.F16, T.Q5_1], pre="gpt-2")
make("phi3", "phi3", Phi3Config(**common, **rope, tie_word_embeddings=False, sliding_window=7), Phi3ForCausalLM,
     [T.Q8_0, T.Q4_0], extra=lambda w: w.add_sliding_window(7))


def llama3_factors(w):
    w.add_tensor("rope_freqs.weight", factors)


# What the converter writes for Llama 3.1: a divisor for each frequency.
base = 1.0 / (500.0 ** (np.arange(0, H // HEADS, 2) / (H // HEADS)))
length, factor, low, high, original = 2 * np.pi / base, 8.0, 1.0, 4.0, 16
smooth = (original / length - low) / (high - low)
scaled = np.where(length < original / high, base, np.where(length > original / low, base / factor,
                                                          (1 - smooth) * base / factor + smooth * base))
factors = (base / scaled).astype(np.float32)
make("llama3", "llama", LlamaConfig(**common, tie_word_embeddings=True, rope_parameters={
    "rope_type": "llama3", "rope_theta": 500.0, "factor": factor, "low_freq_factor": low, "high_freq_factor": high,
    "original_max_position_embeddings": original}), LlamaForCausalLM, [T.F16, T.Q8_0], pre="llama-bpe", extra=llama3_factors)
