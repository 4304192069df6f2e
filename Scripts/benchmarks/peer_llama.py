"""llama.cpp: greedy decoding and prompt processing of one GGUF file. Usage: peer_llama.py MODEL.gguf PROMPTS TOKENS LONG THREADS

Each of PROMPTS (a JSON list) is continued by TOKENS tokens; LONG is a text that is only read, the second time timed. It
comes as llama_cpp, built on this machine, by the clock; or where that is missing as xllamacpp, built for AVX2, by its own
timings."""
import json
import os
import sys
import time

path, prompts, tokens, long, threads = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])


def built():
    from llama_cpp import Llama
    model = Llama(path, n_ctx=2048, n_threads=threads, n_threads_batch=threads, verbose=False)

    def timed(text, count):
        model.reset()
        start = time.perf_counter()
        usage = model(text, max_tokens=count, temperature=0, stop=[])["usage"]
        return time.perf_counter() - start, usage

    def measure():
        timed(prompts[0], 1)
        seconds = wrote = 0
        for prompt in prompts:
            first, _ = timed(prompt, 1)
            whole, usage = timed(prompt, tokens + 1)
            seconds += whole - first
            wrote += usage["completion_tokens"] - 1
        timed(long, 1)
        read, long_usage = timed(long, 1)
        return {"decode": wrote / seconds, "prompt": long_usage["prompt_tokens"] / read,
                "read": long_usage["prompt_tokens"], "how": "built here"}
    return measure


def ready_made():
    import xllamacpp
    settings = xllamacpp.CommonParams()
    settings.model.path = path
    settings.n_ctx, settings.n_parallel = 2048, 1
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
    server = xllamacpp.Server(settings)

    def timings(text, count):
        answer = server.handle_completions({"prompt": text, "n_predict": count, "max_tokens": count, "temperature": 0,
                                            "ignore_eos": True, "cache_prompt": False})
        return answer["timings"]

    def measure():
        timings(prompts[0], 1)
        each = [timings(prompt, tokens + 1)["predicted_per_second"] for prompt in prompts]
        decode = len(each) / sum(1 / speed for speed in each)
        timings(long, 1)
        read = timings(long, 1)
        return {"decode": decode, "prompt": read["prompt_per_second"], "read": read["prompt_n"],
                "how": "ready made: " + " ".join(xllamacpp.get_system_info().split())}
    return measure


start = time.perf_counter()
try:
    measure = built()
except ImportError:
    try:
        measure = ready_made()
    except ImportError:
        sys.exit("llama.cpp is missing in the peers' environment: Scripts/bench generation installs it")
load = time.perf_counter() - start
print(json.dumps({"load": load, **measure()}), flush=True)
os._exit(0)  # a server that ends writes more lines
