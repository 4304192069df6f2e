"""What prompts give: log-likelihoods of label words, as lm-evaluation-harness computes them, with transformers.

    prompt_scores.py OUT [TOKENIZERS]            tiny models of random weights -> OUT/prompts/<name>/{model,cases.json}
    prompt_scores.py --real MODEL CASES.json OUT.jsonl    the same for a real model (a folder, GGUF too), a line a row
    prompt_scores.py --small MODEL OUT.json               a few of our own sentences through a real model

Nothing is shared between rows and labels here, so nothing shared can hide a mistake. With --real, labels of one token
are read from one pass unless the cases say "plain" (the loop that Scripts/bench measures); if they say "shared", what
all rows begin with is computed once and the rest in batches, and the first "check" rows are computed the plain way too:
the greatest difference of a token's log-probability is written beside them.
"""
import json
import os
import sys
import time

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

torch.manual_seed(7)
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))


def fill(template, row):
    """The text before the answer, and the spaces right before it (they go with the word), and what stands after."""
    parts, place, text = [], 0, ""
    while place < len(template):
        two = template[place : place + 2]
        if two in ("{{", "}}"):
            text += two[0]
            place += 2
        elif template[place] == "{":
            end = template.index("}", place)
            name = template[place + 1 : end].strip()
            if name in ("label", "mask"):
                parts.append(text)
                text = ""
            else:
                text += row[name]
            place = end + 1
        else:
            text += template[place]
            place += 1
    before = parts[0]
    stripped = before.rstrip(" ")
    return stripped, before[len(stripped) :], text


def opening(case):
    text = case["instruction"] + case["separator"] if case["instruction"] else ""
    for shot in case["shots"]:
        before, gap, after = fill(case["template"], shot)
        text += before + gap + case["labels"][shot["label"]][0] + after + case["separator"]
    return text


def encode_pair(tokenizer, context, continuation):
    spaces = len(context) - len(context.rstrip())
    if spaces > 0:
        continuation = context[-spaces:] + continuation
        context = context[:-spaces]
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False)
    if not context:
        first = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        return [first], encode(continuation)
    whole = encode(context + continuation)
    start = len(encode(context))
    return whole[:start], whole[start:]


@torch.no_grad()
def loglikelihood(model, tokenizer, context, continuation):
    context_ids, ids = encode_pair(tokenizer, context, continuation)
    whole = torch.tensor([(context_ids + ids)[:-1]])
    logs = torch.log_softmax(model(whole).logits[0].float(), -1)
    start = len(context_ids) - 1
    return [float(logs[start + place, token]) for place, token in enumerate(ids)]


@torch.no_grad()
def masked_loglikelihood(model, tokenizer, before, gap, after, word):
    ids = tokenizer.encode(gap + word, add_special_tokens=False)
    text = before + gap + tokenizer.mask_token * len(ids) + after
    whole = torch.tensor([tokenizer.encode(text)])
    # A text may hold masks of its own; ours come after those.
    own = tokenizer.encode(before, add_special_tokens=False).count(tokenizer.mask_token_id)
    places = (whole[0] == tokenizer.mask_token_id).nonzero()[own:, 0]
    logs = torch.log_softmax(model(whole).logits[0].float(), -1)
    return [float(logs[place, token]) for place, token in zip(places, ids)]


def scores(model, tokenizer, case, row):
    before, gap, after = fill(case["template"], row)
    context = opening(case) + before
    result = {}
    for label, words in case["labels"].items():
        result[label] = [
            masked_loglikelihood(model, tokenizer, context, gap, after, word)
            if "{mask}" in case["template"]
            else loglikelihood(model, tokenizer, context, gap + word)
            for word in words
        ]
    return result


def choose(result):
    sums = [torch.logsumexp(torch.tensor([sum(word) for word in words], dtype=torch.float64), 0) for words in result.values()]
    return torch.softmax(torch.stack(sums), 0)


def complete(model, tokenizer, case):
    case["scores"] = [scores(model, tokenizer, case, row) for row in case["rows"]]
    names = [name for row in case["rows"] for name in row]
    free = [scores(model, tokenizer, case, {name: text for name in names}) for text in ("N/A", "", "[MASK]")]
    prior = torch.stack([choose(result) for result in free]).mean(0)
    case["prior"] = prior.tolist()
    shares = [choose(result) for result in case["scores"]]
    case["probabilities"] = [share.tolist() for share in shares]
    case["calibrated"] = [((share / prior) / (share / prior).sum()).tolist() for share in shares]
    if "{mask}" not in case["template"]:
        gap = fill(case["template"], {name: "x" for name in names})[1]
        case["unconditional"] = {
            label: [loglikelihood(model, tokenizer, "", gap + word) for word in words]
            for label, words in case["labels"].items()
        }
    return case


ROWS = [
    {"text": "The tables are old but they stand.", "label": "good"},
    {"text": "Nothing works here, and nobody cares. ", "label": "bad"},
    {"text": "Été à Zürich: 12 € for 3 cups!", "label": "good"},
    {"text": "a", "label": "bad"},
]
SHOTS = [{"text": "A fine day.", "label": "good"}, {"text": "Cold soup {again}.", "label": "bad"}]


def tiny_cases(masked):
    answer = "{mask}" if masked else "{label}"
    one = {"good": ["fine"], "bad": ["poor"]}
    several = {"good": ["great", "very good indeed"], "bad": ["terrible", "so bad", "not good"]}
    cases = [
        dict(template="Review: {text}\nSentiment: " + answer, labels=one),
        dict(template="{text} It was " + answer + ".", labels=several),
        dict(template="{text}\n\nAnswer:\n" + answer, labels=several, instruction="Say what it is {sic}."),
        dict(template="{{q}} {text}" + answer, labels=one),
        dict(template="Review: {text}\nSentiment:  " + answer + " !", labels=several, shots=SHOTS, separator="\n###\n"),
    ]
    if not masked:
        cases.append(dict(template="{label}", labels=several))
    for case in cases:
        case.setdefault("shots", [])
        case.setdefault("separator", "\n\n")
        case.setdefault("instruction", "")
        case["rows"] = ROWS
    return cases


def tiny_models(tokenizers):
    from transformers import (BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM,
                              RobertaConfig, RobertaForMaskedLM)
    small = dict(hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48)
    yield "gpt2", "bpe_gpt2", GPT2LMHeadModel, GPT2Config(
        vocab_size=700, n_embd=32, n_layer=2, n_head=4, n_positions=320, bos_token_id=0, eos_token_id=0)
    yield "llama", "bpe_gpt2", LlamaForCausalLM, LlamaConfig(
        vocab_size=700, num_key_value_heads=2, max_position_embeddings=320, bos_token_id=0, eos_token_id=0, **small)
    yield "bert", "wordpiece_uncased", BertForMaskedLM, BertConfig(vocab_size=800, max_position_embeddings=320, **small)
    yield "roberta", "bpe_roberta", RobertaForMaskedLM, RobertaConfig(
        vocab_size=700, max_position_embeddings=322, type_vocab_size=1, pad_token_id=1, **small)


def make_tiny(out, tokenizers):
    for name, vocabulary, kind, config in tiny_models(tokenizers):
        folder = os.path.join(out, "prompts", name)
        tokenizer = AutoTokenizer.from_pretrained(os.path.join(tokenizers, vocabulary))
        config.vocab_size = max(len(tokenizer), max(tokenizer.get_vocab().values()) + 1)
        model = kind(config).eval()
        for parameter in model.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        model.save_pretrained(os.path.join(folder, "model"))
        for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
            source = os.path.join(tokenizers, vocabulary, file)
            if os.path.exists(source):
                with open(source, "rb") as f, open(os.path.join(folder, "model", file), "wb") as g:
                    g.write(f.read())
        masked = tokenizer.mask_token is not None and name in ("bert", "roberta")
        cases = [complete(model, tokenizer, case) for case in tiny_cases(masked)]
        with open(os.path.join(folder, "cases.json"), "w") as f:
            json.dump(cases, f, indent=1, ensure_ascii=False)
        print(name, len(cases), "cases")


def load_real(model_folder):
    files = [f for f in os.listdir(model_folder) if f.endswith(".gguf")]
    kwargs = {"gguf_file": files[0]} if files else {}
    tokenizer = AutoTokenizer.from_pretrained(model_folder, **kwargs)
    return AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32, **kwargs).eval(), tokenizer


def make_small(model_folder, out_path):
    model, tokenizer = load_real(model_folder)
    words = {"good": ["good", "very fine"], "bad": ["bad", "so poor"]}
    cases = []
    for template in ("Review: {text}\nSentiment: {label}", "{text} It was {label}"):
        for shots in ([], SHOTS):
            cases.append(dict(template=template, labels=words, rows=ROWS, shots=shots, separator="\n\n", instruction=""))
    with open(out_path, "w") as f:
        json.dump([complete(model, tokenizer, case) for case in cases], f, indent=1, ensure_ascii=False)


def make_real(model_folder, settings_path, out_path):
    """CASES.json: {"cases": [{name, template, labels, instruction, separator, shots, rows}], "plain", "calibrate"}."""
    model, tokenizer = load_real(model_folder)
    with open(settings_path) as f:
        settings = json.load(f)
    with open(out_path, "w") as out:
        for case in settings["cases"]:
            start = time.time()
            way = scores if settings.get("plain") else quick_scores
            if settings.get("shared"):
                results = Shared(model, tokenizer, case).results()
            else:
                results = ((number, way(model, tokenizer, case, row)) for number, row in enumerate(case["rows"]))
            worst = 0.0
            for number, result in results:
                out.write(json.dumps({"prompt": case["name"], "row": number, "scores": result}) + "\n")
                out.flush()
                if settings.get("shared") and number < settings.get("check", 0):
                    plain = scores(model, tokenizer, case, case["rows"][number])
                    worst = max([worst] + [abs(a - b) for label in plain for x, y in zip(plain[label], result[label])
                                           for a, b in zip(x, y)])
            if settings.get("shared") and settings.get("check"):
                out.write(json.dumps({"prompt": case["name"], "checked": settings["check"], "worst": worst}) + "\n")
            if settings.get("calibrate"):
                names = list(case["rows"][0])
                free = [scores(model, tokenizer, case, {n: text for n in names}) for text in ("N/A", "", "[MASK]")]
                prior = torch.stack([choose(result) for result in free]).mean(0).tolist()
                out.write(json.dumps({"prompt": case["name"], "prior": prior}) + "\n")
            out.write(json.dumps({"prompt": case["name"], "seconds": time.time() - start}) + "\n")
            out.flush()


@torch.no_grad()
def quick_scores(model, tokenizer, case, row):
    """As scores, with one pass for all words of one token that follow the same tokens."""
    before, gap, _ = fill(case["template"], row)
    context = opening(case) + before
    known, result = {}, {}
    for label, words in case["labels"].items():
        result[label] = []
        for word in words:
            context_ids, ids = encode_pair(tokenizer, context, gap + word)
            key = tuple(context_ids + ids[:-1])
            if key not in known:
                known[key] = torch.log_softmax(model(torch.tensor([key])).logits[0].float(), -1)
            start = len(context_ids) - 1
            result[label].append([float(known[key][start + place, token]) for place, token in enumerate(ids)])
    return result


class Shared:
    """What the plain way gives, for many rows at once: what all sequences of a case begin with is computed once, the
    rest in batches of like length, each sequence (a row with a word) by itself in a row of its batch."""

    size = 16

    def __init__(self, model, tokenizer, case):
        self.rows = []
        for row in case["rows"]:
            before, gap, _ = fill(case["template"], row)
            context = opening(case) + before
            self.rows.append({label: [encode_pair(tokenizer, context, gap + word) for word in words]
                              for label, words in case["labels"].items()})
        # Words of one token that follow the same tokens are read from one pass.
        self.keys = sorted({tuple(context + ids[:-1]) for row in self.rows for pairs in row.values()
                            for context, ids in pairs}, key=lambda key: (len(key), key))
        self.first = min(len(context) for row in self.rows for pairs in row.values() for context, _ in pairs)
        known = list(self.keys[0])
        for key in self.keys:
            known = common(known, key)
        self.known = known[: self.first - 1]
        self.wanted = {}
        for row in self.rows:
            for pairs in row.values():
                for context, ids in pairs:
                    key = tuple(context + ids[:-1])
                    for place, token in enumerate(ids):
                        self.wanted.setdefault(key, set()).add((len(context) - 1 + place, token))
        self.model, self.values = model, {}

    @torch.no_grad()
    def run(self, keys):
        count, longest = len(self.known), max(map(len, keys))
        ids = torch.zeros(len(keys), longest - count, dtype=torch.long)
        mask = torch.zeros(len(keys), longest, dtype=torch.long)
        for number, key in enumerate(keys):
            ids[number, : len(key) - count] = torch.tensor(key[count:])
            mask[number, : len(key)] = 1
        cache = None
        if count:
            cache = self.model.model(torch.tensor([self.known]), use_cache=True).past_key_values
            cache.batch_repeat_interleave(len(keys))
        hidden = self.model.model(ids, attention_mask=mask, past_key_values=cache, use_cache=count > 0).last_hidden_state
        for number, key in enumerate(keys):
            wanted = sorted(self.wanted[key])
            places = torch.tensor([place - count for place, _ in wanted])
            logs = torch.log_softmax(self.model.lm_head(hidden[number, places]).float(), -1)
            self.values[key] = {pair: float(logs[line, pair[1]]) for line, pair in enumerate(wanted)}

    def results(self):
        """Each row's number with its scores, as soon as all its sequences are there."""
        done = set()
        for start in range(0, len(self.keys), self.size):
            self.run(self.keys[start : start + self.size])
            for number, row in enumerate(self.rows):
                pairs = [pair for pairs in row.values() for pair in pairs]
                if number in done or not all(tuple(context + ids[:-1]) in self.values for context, ids in pairs):
                    continue
                done.add(number)
                yield number, {label: [[self.values[tuple(context + ids[:-1])][(len(context) - 1 + place, token)]
                                        for place, token in enumerate(ids)] for context, ids in pairs]
                               for label, pairs in row.items()}


def common(one, other):
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return one[:count]


if __name__ == "__main__":
    if sys.argv[1] == "--real":
        make_real(*sys.argv[2:5])
    elif sys.argv[1] == "--small":
        make_small(*sys.argv[2:4])
    else:
        make_tiny(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else os.path.join(sys.argv[1], "tokenizers"))
