"""Tokenizers of random settings, trained by the tokenizers library: ids, offsets, tokens, words, types and decoded text as there.

Usage: tokenizer_settings.py LUTHIER FOLDER [FIRST COUNT]     (the built program; a folder for tokenizers; seeds, 0 to 99 by default)
A line for each that differs (`X`, with examples) or that Luthier refuses (`R`, with the message), and the counts. Left out: offsets
where the model drops characters for want of an unknown token, and decoding without special tokens that a normalizer changes, which
the library then fails to leave out.
"""
import collections
import json
import os
import random
import sys
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"], os.environ["RUST_BACKTRACE"] = "false", "0"
from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers import decoders as D, models as M, normalizers as N, pre_tokenizers as P, processors as R, trainers as T

sys.path.insert(0, str(Path(__file__).parent / "fixtures"))
from nasty import WORDS, strings
from run_cases import run_cases

luthier, root = str(Path(sys.argv[1]).resolve()), Path(sys.argv[2]).resolve()
first, count = (int(x) for x in (sys.argv[3:5] or ("0", "100")))
TEXTS = strings("dev") + ["hello <t0> there <t0>x <t1> y<t1>z", " <t2>  <T2> <t3>", "<t0><t0>  <t1>", "Ab<t3>  ", "  <T0> éa Éa ab Ab",
                          "ab xabx ab-ab ab the", "don't <t1>\n<t0>\t", "日本 ab 語", "<t0>", " <t0> ", "the ab1 2ab the"]
CORPUS = [s for s in TEXTS if len(s) < 80 and "<" not in s] + [" ".join(random.Random(i).choices(WORDS[:22], k=12)) for i in range(150)]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


class Maker:
    """Makes a tokenizer's parts by chance, the same for a seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pick = self.random.choice

    def flag(self, share=0.5):
        return self.random.random() < share

    def some(self, make):
        return [make(True) for _ in range(self.random.randint(1, 3))]

    def normalizer(self, inner=False):
        kind = self.pick(["none", "byte", "sequence", "sequence"] * (not inner) + "lower nfc nfd nfkc nfkd accents nmt strip replace regex prepend bert".split())
        return {"none": lambda: None, "byte": N.ByteLevel, "sequence": lambda: N.Sequence(self.some(self.normalizer)), "lower": N.Lowercase,
                "nfc": N.NFC, "nfd": N.NFD, "nfkc": N.NFKC, "nfkd": N.NFKD, "accents": N.StripAccents, "nmt": N.Nmt,
                "strip": lambda: N.Strip(left=self.flag(), right=self.flag()), "prepend": lambda: N.Prepend(self.pick(["▁", " ", "x"])),
                "replace": lambda: N.Replace(*self.pick([(" ", "▁"), ("``", '"'), ("a", "bb"), ("ab", "c"), ("e", "")])),
                "regex": lambda: N.Replace(Regex(self.pick([" {2,}", " +", r"\s+"])), self.pick([" ", "▁", ""])),
                "bert": lambda: N.BertNormalizer(clean_text=self.flag(), handle_chinese_chars=self.flag(), lowercase=self.flag(),
                                                 strip_accents=self.pick([None, True, False]))}[kind]()

    def pre_tokenizer(self, inner=False):
        kind = self.pick(["none", "sequence", "sequence"] * (not inner) + "bert byte byte ws wss digits punctuation char meta meta split regex".split())
        return {"none": lambda: None, "sequence": lambda: P.Sequence(self.some(self.pre_tokenizer)), "bert": P.BertPreTokenizer, "ws": P.Whitespace,
                "wss": P.WhitespaceSplit, "byte": lambda: P.ByteLevel(add_prefix_space=self.flag(), use_regex=self.flag()),
                "digits": lambda: P.Digits(individual_digits=self.flag()), "punctuation": lambda: P.Punctuation(behavior=self.pick(BEHAVIORS)),
                "char": lambda: P.CharDelimiterSplit(self.pick([" ", "a", "-", "é"])),
                "meta": lambda: P.Metaspace(replacement=self.pick("▁▁_"), prepend_scheme=self.pick(["always", "first", "never"]), split=self.flag()),
                "split": lambda: P.Split(self.pick([" ", "ab", "é", "  ", "\n"]), behavior=self.pick(BEHAVIORS), invert=self.flag()),
                "regex": lambda: P.Split(*self.pick([(Regex(r"\s+"), "removed"), (Regex(GPT2), "isolated"), (Regex(LLAMA3), "isolated"),
                                                     (Regex(r"\p{N}"), self.pick(BEHAVIORS)), (Regex(r"\d"), self.pick(BEHAVIORS))]))}[kind]()

    def processor(self, tokenizer):
        begin, end = [(text, tokenizer.token_to_id(text)) for text in ("<s>", "</s>")]
        single = self.pick(["<s> $A </s>", "<s>:1 $A:0 </s>:2", "$A </s>", "$A", "<s> <s> $A:1 </s>"])
        pair = self.pick(["<s> $A </s> $B:1 </s>:1", "<s> $A </s> </s> $B </s>", "$A $B", "$B:1 <s> $A:0", "<s>:3 $A:2 $B:1"])
        template = R.TemplateProcessing(single=single, pair=pair, special_tokens=[begin, end])
        trims = dict(trim_offsets=self.flag(), add_prefix_space=self.flag())
        return self.pick([None, template, template, R.ByteLevel(**trims), R.RobertaProcessing(end, begin, **trims),
                          R.BertProcessing(end, begin), R.Sequence([R.ByteLevel(**trims), template])])

    def decoder(self, inner=False):
        kind = self.pick(["none", "sequence", "sequence"] * (not inner) + "byte wordpiece meta suffix fuse fallback strip replace".split())
        return {"none": lambda: None, "sequence": lambda: D.Sequence(self.some(self.decoder)), "byte": D.ByteLevel, "fuse": D.Fuse,
                "wordpiece": lambda: D.WordPiece(prefix=self.pick(["##", "@"]), cleanup=self.flag()), "fallback": D.ByteFallback,
                "meta": lambda: D.Metaspace(replacement="▁", prepend_scheme=self.pick(["always", "first", "never"]), split=self.flag()),
                "suffix": lambda: D.BPEDecoder(suffix=self.pick(["</w>", "@@"])), "strip": lambda: D.Strip(self.pick(" a▁"), self.flag(), self.flag()),
                "replace": lambda: D.Replace(self.pick(["▁", "</w>", "a"]), self.pick([" ", "", "xx"]))}[kind]()

    def model(self):
        special = ["<unk>", "<s>", "</s>"]
        marks = {"continuing_subword_prefix": self.pick(["", "", "##"]), "end_of_word_suffix": self.pick(["", "", "</w>"])}
        marks = {k: v for k, v in marks.items() if v}
        shared = dict(vocab_size=self.pick([300, 500, 700]), show_progress=False)
        bytes_too = special + [f"<0x{i:02X}>" for i in range(256)] * self.flag()
        kind = self.pick(["BPE"] * 3 + ["Unigram"] * 2 + ["WordPiece", "WordLevel"])
        if kind == "BPE":
            unknown = dict(unk_token="<unk>") if self.flag(0.8) else {}
            options = dict(fuse_unk=self.flag(), byte_fallback=self.flag(0.4) and not marks, ignore_merges=self.flag(0.3))
            return M.BPE(**unknown, **options, **marks), T.BpeTrainer(special_tokens=bytes_too, limit_alphabet=self.pick([40, 120, 400]), **shared, **marks)
        if kind == "Unigram":
            return M.Unigram(), T.UnigramTrainer(special_tokens=bytes_too, unk_token="<unk>", **shared)
        if kind == "WordPiece":
            model = M.WordPiece(unk_token="<unk>", max_input_chars_per_word=self.pick([3, 10, 100]), continuing_subword_prefix="##")
            return model, T.WordPieceTrainer(special_tokens=special, limit_alphabet=self.pick([60, 300]), continuing_subword_prefix="##", **shared)
        return M.WordLevel(unk_token="<unk>"), T.WordLevelTrainer(special_tokens=special, **shared)

    def tokenizer(self):
        model, trainer = self.model()
        result = Tokenizer(model)
        for name, part in (("normalizer", self.normalizer()), ("pre_tokenizer", self.pre_tokenizer())):
            if part:
                setattr(result, name, part)
        result.train_from_iterator(CORPUS, trainer)
        file = json.loads(result.to_str())
        if file["model"]["type"] == "Unigram":
            file["model"]["byte_fallback"] = self.flag()
        result = Tokenizer.from_str(json.dumps(file))
        for i in range(4):
            token = AddedToken(self.pick([f"<t{i}>", f"<T{i}>", "ab", "é", " the"]), lstrip=self.flag(0.4), rstrip=self.flag(0.4),
                               single_word=self.flag(0.3), normalized=self.flag())
            (result.add_special_tokens if self.flag(0.4) else result.add_tokens)([token])
        for name, part in (("post_processor", self.processor(result)), ("decoder", self.decoder())):
            if part:
                setattr(result, name, part)
        return result


def attempt(action):
    try:
        return action()
    except BaseException:  # the library's panics are no Exceptions
        return None


def expected(tokenizer, text, file):
    e = tokenizer.encode(text)
    changed = tokenizer.normalizer and any(a["special"] and a["normalized"] and tokenizer.normalizer.normalize_str(a["content"]) != a["content"]
                                           for a in file["added_tokens"])
    drops = file["model"]["type"] == "BPE" and not file["model"]["unk_token"]
    return dict(ids=e.ids, offsets=None if drops else [list(o) for o in e.offsets], tokens=e.tokens, types=e.type_ids, words=e.word_ids,
                decoded=attempt(lambda: tokenizer.decode(e.ids, skip_special_tokens=False)),
                plain=None if changed else attempt(lambda: tokenizer.decode(e.ids)))


cases = {}
for seed in range(first, first + count):
    tokenizer = attempt(lambda: Maker(seed).tokenizer())
    if tokenizer is None:  # a vocabulary too small for its characters
        continue
    folder = root / str(seed)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    file = json.loads(tokenizer.to_str())
    rows = [(text, attempt(lambda: expected(tokenizer, text, file))) for text in TEXTS]
    cases[seed] = file, [(text, row) for text, row in rows if row]
    (folder / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text, _ in cases[seed][1]))
one = """fn one(x) {
  e = encode(t, x)
  return {ids: e.ids, offsets: e.offsets, tokens: e.tokens, types: e.type_ids, words: e.words,
          decoded: decode(t, e.ids), plain: decode(t, e.ids, special: false)}
}
"""


def script(seeds):
    return one + "".join(
        f'print("case {k}")\nt = tokenizer("{k}/tokenizer.json")\nr = read("{k}/texts.jsonl").text.map(x -> one(x))\n'
        f'write(table(r), "{k}/found.jsonl")\n' for k in seeds)


refused = run_cases(luthier, root, cases, script, 40)
differ = 0
for seed, (file, rows) in cases.items():
    if seed in refused:
        print(f"R {seed} {refused[seed][:220]}")
        continue
    found = [json.loads(line) for line in (root / str(seed) / "found.jsonl").read_text().strip("\n").split("\n")]
    examples, bad = {}, collections.Counter()
    for mine, (text, theirs) in zip(found, rows, strict=True):
        for what, wanted in theirs.items():
            if wanted is not None and mine[what] != wanted and (what == "ids" or mine["ids"] == theirs["ids"]):
                bad[what] += 1
                examples.setdefault(what, f"    {what} of {text[:60]!r}\n      mine   {mine[what]}\n      theirs {wanted}")
    if bad:
        differ += 1
        file["model"] = {k: v for k, v in file["model"].items() if k not in ("vocab", "merges")}
        file["added_tokens"] = [a for a in file["added_tokens"] if not a["content"].startswith("<0x")]
        print(f"X {seed} {dict(bad)} of {len(rows)}: {json.dumps(file, ensure_ascii=False)}", *examples.values(), sep="\n")
print(f"{len(cases)} tokenizers: {len(cases) - differ - len(refused)} agree, {differ} differ, {len(refused)} refused")
sys.exit(differ > 0)
