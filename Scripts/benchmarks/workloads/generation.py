"""SmolLM2-135M from GGUF beside llama.cpp: greedy decoding, prompt processing, start to the first token, memory."""
import glob
import json
import os

import measure
from measure import BOTH_THREADS, THREADS, luthier, median, peer

# Of several kinds: how much a text repeats itself decides how many tokens can be guessed.
PROMPTS = [
    "The history of the city begins with", "The history of the lighthouse begins", "Once upon a time, a small boat",
    "Photosynthesis is the process by which", "def fibonacci(n):", "The three most important things in a good report are",
    "Dear Mr Smith, I am writing to you about", "In 1912 the first",
]
LONG = " ".join(["The quick brown fox jumps over the lazy dog."] * 60)
TOKENS = 128


def generator():
    found = glob.glob(os.path.join(measure.CACHE, "luthier/models/SmolLM2-135M-Instruct/*.gguf"))
    if not found:
        raise measure.Failed("the generator is missing: Scripts/model generator fetches it")
    return found[0]


def script(path, texts, tokens, passes=1, lookup=None):
    limit = "" if lookup is None else f", lookup: {lookup}"
    return (f"model = load({json.dumps(path)})\nn = 0\nfor i in range({passes}) {{ for text in {json.dumps(texts)} "
            f"{{ n = n + model.encode(model.generate(text, max_tokens: {tokens}{limit})).len() }} }}\n"
            f"print(n)\nprint(model.encode({json.dumps(texts[0])}).len())\n")


def work(bench):
    path = generator()
    folder = bench.folder

    def ours(*arguments, **more):
        return lambda: luthier(script(path, *arguments, **more), folder, BOTH_THREADS)

    # Differences of whole runs: what one has more than the other is the work alone.
    first, whole, plain, once, four, theirs = bench.in_turn(
        ours(PROMPTS, 1), ours(PROMPTS, TOKENS + 1), ours(PROMPTS, TOKENS + 1, lookup=0), ours([LONG], 1),
        ours([LONG], 1, passes=4),
        lambda: peer("peer_llama.py", [path, json.dumps(PROMPTS), TOKENS, LONG, THREADS], folder, BOTH_THREADS))
    read = int(once[0]["output"].split()[-1])
    how = theirs[0]["how"]
    wrote = [int(runs[0]["output"].split()[0]) for runs in (first, whole)]
    prompt = 3 * read / (median(four, "seconds") - median(once, "seconds"))
    his_decode, his_prompt = median(theirs, "decode"), median(theirs, "prompt")
    for runs, what, asked in ((whole, "", 2), (plain, ", without guesses", None)):
        decode = (wrote[1] - wrote[0]) / (median(runs, "seconds") - median(first, "seconds"))
        yield bench.row(f"SmolLM2-135M Q4_1, greedy, {TOKENS} tokens after each of {len(PROMPTS)} prompts{what}",
                        f"{decode:.0f} tokens/s", f"llama.cpp ({how}) {his_decode:.0f} tokens/s", decode / his_decode, asked)
    yield bench.row(f"the same, a prompt of {read} tokens", f"{prompt:.0f} tokens/s", f"{his_prompt:.0f} tokens/s",
                    prompt / his_prompt, 4)
    seconds, load = median(first, "seconds"), median(theirs, "load")
    yield bench.row(f"process start to the first token of {len(PROMPTS)} texts", f"{seconds * 1000:.0f} ms",
                    f"{load * 1000:.0f} ms to load alone", None, None)
    yield bench.row("peak memory of generating", f"{median(whole, 'peak'):.0f} MB", "", None, None)
