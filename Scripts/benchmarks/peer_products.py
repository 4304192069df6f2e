"""The matrix-product peak: PyTorch's [4096, 768] x [768, 3072]. Usage: peer_products.py THREADS float32|bf16"""
import json
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
kind = torch.bfloat16 if sys.argv[2] == "bf16" else torch.float32
a, b = torch.randn(4096, 768).to(kind), torch.randn(768, 3072).to(kind)
times = []
for _ in range(30):
    start = time.perf_counter()
    a @ b
    times.append(time.perf_counter() - start)
print(json.dumps({"gigaflops": 2e-9 * 4096 * 768 * 3072 / min(times)}))
