"""llama.cpp: greedy decoding and prompt processing of one GGUF file. Usage: peer_llama.py MODEL.gguf PROMPT TOKENS LONG THREADS

PROMPT is continued by TOKENS tokens; LONG is a text that is only read."""
import json
import sys
import time

from llama_cpp import Llama

path, prompt, tokens, long, threads = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4], int(sys.argv[5])
start = time.perf_counter()
model = Llama(path, n_ctx=2048, n_threads=threads, n_threads_batch=threads, verbose=False)
load = time.perf_counter() - start


def timed(text, count):
    model.reset()
    start = time.perf_counter()
    usage = model(text, max_tokens=count, temperature=0, stop=[])["usage"]
    return time.perf_counter() - start, usage


timed(prompt, 1)
first, _ = timed(prompt, 1)
whole, usage = timed(prompt, tokens + 1)
read, long_usage = timed(long, 1)
print(json.dumps({
    "load": load, "decode": (usage["completion_tokens"] - 1) / (whole - first),
    "prompt": long_usage["prompt_tokens"] / read, "tokens": usage["completion_tokens"],
}))
