"""Blocks of every quantised type that Luthier reads, as random bytes, and what the gguf package makes of them.

Usage: gguf_blocks.py Tests/Fixtures/gguf
"""

import sys
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import save_file

folder = Path(sys.argv[1])
random = np.random.default_rng(7)
types = {
    "q4_0": (gguf.GGMLQuantizationType.Q4_0, [(0, 2)]),
    "q4_1": (gguf.GGMLQuantizationType.Q4_1, [(0, 2), (2, 4)]),
    "q8_0": (gguf.GGMLQuantizationType.Q8_0, [(0, 2)]),
    "q4_k": (gguf.GGMLQuantizationType.Q4_K, [(0, 2), (2, 4)]),
    "q6_k": (gguf.GGMLQuantizationType.Q6_K, [(208, 210)]),
    "q5_0": (gguf.GGMLQuantizationType.Q5_0, [(0, 2)]),
    "q5_1": (gguf.GGMLQuantizationType.Q5_1, [(0, 2), (2, 4)]),
    "q5_k": (gguf.GGMLQuantizationType.Q5_K, [(0, 2), (2, 4)]),
}
writer = gguf.GGUFWriter(str(folder / "blocks.gguf"), "test")
expected = {}
for name, (kind, halves) in types.items():
    size, bytes_per_block = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (2, 3, bytes_per_block), dtype=np.uint8)
    for start, end in halves:  # scales must be ordinary numbers
        blocks[:, :, start:end] = random.normal(size=(2, 3, 1)).astype(np.float16).view(np.uint8)
    rows = blocks.reshape(2, 3 * bytes_per_block)
    writer.add_tensor(name, rows, raw_dtype=kind)
    expected[name] = gguf.dequantize(rows, kind).astype(np.float32).reshape(2, 3 * size)
for name, values in {
    "f32": random.normal(size=(2, 5)).astype(np.float32),
    "f16": random.normal(size=(2, 5)).astype(np.float16),
}.items():
    writer.add_tensor(name, values)
    expected[name] = values.astype(np.float32)
brain = random.normal(size=(2, 6)).astype(np.float32).view(np.uint32) >> 16
writer.add_tensor("bf16", brain.astype(np.uint16).view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)
expected["bf16"] = (brain << 16).astype(np.uint32).view(np.float32)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
save_file(expected, folder / "blocks.safetensors")
