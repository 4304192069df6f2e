"""SmolLM2-135M from GGUF beside llama.cpp: greedy decoding, prompt processing, start to the first token, memory."""
import glob
import json
import os

import measure
from measure import BOTH_THREADS, THREADS, luthier, median, peer

PROMPT = "The history of the city begins with"
LONG = " ".join(["The quick brown fox jumps over the lazy dog."] * 60)
TOKENS = 128


def generator():
    found = glob.glob(os.path.join(measure.CACHE, "luthier/models/SmolLM2-135M-Instruct/*.gguf"))
    if not found:
        raise measure.Failed("the generator is missing: Scripts/model generator fetches it")
    return found[0]


def script(path, text, tokens, passes):
    call = f"model.generate({json.dumps(text)}, max_tokens: {tokens})"
    return (f"model = load({json.dumps(path)})\nfor i in range({passes}) {{ text = {call}; }}\n"
            f"print(model.encode({json.dumps(text)}).len())\n")


def work(bench):
    path = generator()
    folder = bench.folder

    def ours(text, tokens, passes=1):
        return lambda: luthier(script(path, text, tokens, passes), folder, BOTH_THREADS)

    # Differences of whole runs: what one has more than the other is the work alone.
    first, whole, once, four, theirs = bench.in_turn(
        ours(PROMPT, 1), ours(PROMPT, TOKENS + 1), ours(LONG, 1), ours(LONG, 1, 4),
        lambda: peer("peer_llama.py", [path, PROMPT, TOKENS, LONG, THREADS], folder, BOTH_THREADS))
    read = int(once[0]["output"].split()[-1])
    how = theirs[0]["how"]
    decode = TOKENS / (median(whole, "seconds") - median(first, "seconds"))
    prompt = 3 * read / (median(four, "seconds") - median(once, "seconds"))
    his_decode, his_prompt = median(theirs, "decode"), median(theirs, "prompt")
    yield bench.row(f"SmolLM2-135M Q4_1, greedy, {TOKENS} tokens", f"{decode:.0f} tokens/s",
                    f"llama.cpp ({how}) {his_decode:.0f} tokens/s", decode / his_decode, 2)
    yield bench.row(f"the same, a prompt of {read} tokens", f"{prompt:.0f} tokens/s", f"{his_prompt:.0f} tokens/s",
                    prompt / his_prompt, 4)
    seconds, load = median(first, "seconds"), median(theirs, "load")
    yield bench.row("process start to its first token", f"{seconds * 1000:.0f} ms", f"{load * 1000:.0f} ms to load alone",
                    None, None)
    yield bench.row("peak memory of generating", f"{median(whole, 'peak'):.0f} MB", "", None, None)
