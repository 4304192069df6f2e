"""llama.cpp: greedy decoding and prompt processing of one GGUF file. Usage: peer_llama.py MODEL.gguf PROMPT TOKENS LONG THREADS

PROMPT is continued by TOKENS tokens; LONG is a text that is only read."""
import json
import sys
import time

try:
    from llama_cpp import Llama
except ImportError:
    sys.exit("llama-cpp-python is missing in the peers' environment; build it without AMX, whose code crashes on some "
             'processors: CMAKE_ARGS="-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_AVX512=ON '
             '-DGGML_AVX512_VNNI=ON" pip install --no-binary llama-cpp-python llama-cpp-python')

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
