/// Words that belong to the language and may not work yet: using one says so.
package enum ReservedWords {
  package static let all: Set<String> = [
    "load", "save", "read", "write", "copy", "freeze", "unfreeze", "parameters", "for_sequence_classification",
    "for_token_classification", "for_question_answering", "for_masked_lm", "for_causal_lm", "tokenizer", "tokenize",
    "encode", "decode", "table", "filter", "map", "select", "drop", "rename", "sort", "shuffle", "sample", "head",
    "tail", "len", "describe", "join", "group", "count", "split", "features", "similarity", "logistic_regression",
    "fit", "trainer", "step", "epoch", "run", "resume", "reset", "sweep", "predict", "answer", "fill", "evaluate",
    "score",
    "report", "confusion", "errors", "compare", "drift", "add_lora", "add_adapter", "add_prefix", "add_soft_prompt",
    "add_ia3", "methods", "use", "scale", "combine", "merge", "unload", "nearest_words", "save_adapter",
    "load_adapter", "ladder", "generate", "chat", "logprob", "perplexity", "prompt", "render", "shots", "try_prompt",
    "trial", "add", "best", "diff", "search_prompts", "index", "search", "ask", "recall", "remove", "tensor", "zeros",
    "ones", "rand", "randn", "arange", "sum", "mean", "max", "min", "argmax", "softmax", "log", "exp", "sqrt", "abs",
    "cat", "stack", "reshape", "transpose", "normalize", "topk", "norm", "close", "gradients", "str", "int", "float",
    "range", "round", "sorted", "reversed", "zip", "enumerate", "any", "all", "unique", "keys", "values", "append",
    "lower", "upper", "strip", "replace", "contains", "starts_with", "ends_with", "lines", "read_text", "plot",
    "histogram", "heatmap", "scatter", "attention", "explain", "print", "seed",
  ]
}
