/// Words from elsewhere: habits of PyTorch, Hugging Face, scikit-learn, pandas and Python, and what they are here.
///
/// They are understood, not obeyed: for errors, help and search only.
package enum Habits {
  package enum Place: Sendable { case name, call, method, field, label }

  package struct Habit: Sendable {
    package let foreign: String
    package let place: Place
    /// The word here that replaces it letter by letter; empty where no single word does.
    package let ours: String
    package let says: String
  }

  package static let all: [Habit] = names + calls + methods + fields + labels

  private static func row(_ place: Place, _ text: String) -> [Habit] {
    text.split(separator: "\n").compactMap { line in
      let parts: [String] = line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
      guard parts.count == 3 else { return nil }
      return Habit(foreign: parts[0], place: place, ours: parts[1], says: parts[2])
    }
  }

  private static let names: [Habit] = row(
    .name,
    """
    None | none |
    True | true |
    False | false |
    null | none |
    nil | none |
    NULL | none |
    undefined | none |
    nan | | write `float("nan")`
    pi | | write 3.141592653589793
    elif | else if | it stands on the line of the `}` before it
    torch | | its words stand by themselves: `tensor([1, 2])`, `zeros(2, 3)`, `x.softmax(axis: 1)`
    np | | its words stand by themselves: `tensor([1, 2])`, `arange(10)`, `x.mean(axis: 0)`
    numpy | | its words stand by themselves: `tensor([1, 2])`, `arange(10)`, `x.mean(axis: 0)`
    pd | | its words stand by themselves: `read("data.csv")`, `table(rows)`
    pandas | | its words stand by themselves: `read("data.csv")`, `table(rows)`
    nn | | layers belong to models: `model = load("...")`, `model.encoder.layer[0]`
    sklearn | | its words stand by themselves: `logistic_regression(x, y)`, `t.split(train: 0.8)`
    transformers | | its words stand by themselves: `load("...")`, `tokenizer("...")`
    AutoModel | | models are opened with `load("name or path")`
    AutoTokenizer | | a model brings its tokenizer, `model.tokenizer`; alone it is `tokenizer("path")`
    AutoConfig | | a model brings its settings: `model.config`
    gpu | | everything runs on the processor
    padding | | nothing is padded: the texts of a batch keep their own lengths
    datasets | | its words stand by themselves: `read("data.csv")`, `t.split(train: 0.8)`
    cuda | | everything runs on the processor
    json | | `read("data.json")` reads rows, `read_text("data.json")` the text
    plt | | plots are words: `plot(run)`, `histogram(xs)`, `scatter(features)`
    os | | files are seen with `:ls` and `:cd`, read with `read("data.csv")`, `read_text("notes.txt")`
    """)

  private static let calls: [Habit] = row(
    .call,
    """
    AutoModel | load | models are opened with `load("name or path")`
    read_csv | read | one word reads tables and text, by what is there
    read_json | read | one word reads tables and text, by what is there
    load_dataset | read | one word reads tables and text, by what is there
    open | read_text | a file's text
    DataFrame | table | a table from rows
    Dataset | table | a table from rows
    array | tensor |
    train_test_split | split | `t.split(train: 0.8)` keeps texts and labels together and gives train, valid, test
    LogisticRegression | logistic_regression | it is fitted where it is made: `logistic_regression(x, y)`
    LogisticRegressionCV | logistic_regression | a list of C is chosen by cross-validation: `C: [0.1, 1, 10]`
    get_peft_model | add_lora | a method returns a new model: `model.add_lora(rank: 8)`
    LoraConfig | | settings stand in the call: `model.add_lora(rank: 8, alpha: 16)`
    PrefixTuningConfig | | settings stand in the call: `model.add_prefix(length: 20)`
    PromptTuningConfig | | settings stand in the call: `model.add_soft_prompt(length: 20)`
    Trainer | | training is one call: `model.fit(split, epochs: 3)`; step by step: `trainer(model, split)`
    TrainingArguments | | settings stand in the call: `model.fit(split, epochs: 3, lr: 5e-5)`
    DataLoader | | batches make themselves: `model.fit(split, batch: 16)`
    AdamW | | the optimizer is a setting: `model.fit(split, optimizer: "adamw", lr: 5e-5)`
    Adam | | the optimizer is a setting: `model.fit(split, optimizer: "adamw", lr: 5e-5)`
    pipeline | | `model = load("...")`, then `model.predict(texts)` or `model.generate(text)`
    accuracy_score | | `evaluate(model, table)` gives accuracy with its interval
    f1_score | | `evaluate(model, table)` gives it, `report(model, table)` for each label
    TfidfVectorizer | | texts become numbers with `model.features(texts)`
    CountVectorizer | | texts become numbers with `model.features(texts)`
    tqdm | | long work shows how far it is by itself
    classification_report | report |
    compute_metrics | evaluate |
    confusion_matrix | confusion |
    cosine_similarity | similarity |
    set | unique |
    tuple | | a list is `[a, b]`
    dict | | a record is `{a: 1, b: 2}`
    list | | a list is `[a, b]`; `range`, `keys` and `values` give lists
    isinstance | | `:type x` says what a value is
    type | | `:type x` says what a value is
    dir | | Tab after `x.` shows what x has
    help | | it stands on a line of its own: `help fit`, or `?fit`
    exit | | leave with Ctrl-D
    quit | | leave with Ctrl-D
    input | | arguments of a script come on its command line
    repr | str |
    pow | | write `x ** y`
    format | | texts are joined with `+`, numbers made text with `str(x)`
    set_seed | seed |
    manual_seed | seed |
    length | len |
    size | len |
    println | print |
    echo | print |
    no_grad | | gradients are computed only where asked for: `gradients(loss, model)`
    """)

  private static let methods: [Habit] = row(
    .method,
    """
    from_pretrained | | models are opened with `load("name or path")`
    train | | nothing to switch: dropout works in `fit` only, in blocks that learn
    eval | | nothing to switch: dropout works in `fit` only, in blocks that learn
    to | | nothing to move: everything runs on the processor
    cuda | | nothing to move: everything runs on the processor
    cpu | | nothing to move: everything runs on the processor
    numpy | | a tensor is indexed and computed with as it is
    detach | | a tensor carries no graph: `gradients(loss, model)` computes where asked
    item | | a tensor of one number is `float(x)`
    tolist | | a tensor's numbers are `x[i]`; `for v in x` goes through them
    backward | | `gradients(loss, model)` gives a table of gradients
    zero_grad | | nothing to clear: gradients are never stored in the model
    requires_grad_ | | `model.freeze("name")` and `model.unfreeze("name")`
    named_parameters | parameters | a table of names, shapes and what is trainable
    state_dict | parameters | a table; one tensor is `model["dotted.name"]`
    named_modules | parameters |
    save_pretrained | save | `save(model, "dir")`
    push_to_hub | | `save(model, "dir")` writes the hub's files
    predict_proba | predict | it gives labels with their probabilities
    fit_transform | features |
    value_counts | count | `t.count("label")`
    groupby | group |
    sort_values | sort | `t.sort(by: "label")`
    to_csv | write | `write(t, "file.csv")`
    to_json | write | `write(t, "file.jsonl")`
    apply | map |
    iterrows | | `for row in t { }`
    iloc | | `t[0]`, `t[1:3]`
    info | describe |
    dropna | | `t.filter(r -> r.text != none)`
    drop_duplicates | unique |
    startswith | starts_with |
    endswith | ends_with |
    splitlines | lines |
    find | contains |
    items | | `for k in r { r[k] }`; in pairs: `zip(keys(r), values(r))`
    get | | `r["key"]`; whether it is there: `"key" in r`
    format | | texts are joined with `+`, numbers made text with `str(x)`
    extend | | `xs + ys`
    push | append | it gives a new list: `xs = xs.append(x)`
    add | append | it gives a new list: `xs = xs.append(x)`
    insert | | `xs[:i] + [x] + xs[i:]`
    pop | | `xs[-1]`, and `xs[:-1]` for the rest
    length | len |
    update | | a record is made anew: `{a: r.a, b: 2}`
    dim | | `x.shape.len()`
    view | reshape |
    permute | transpose |
    size | | `x.shape`
    unsqueeze | | the shape is written out: `x.reshape(1, 3)`
    squeeze | | the shape is written out: `x.reshape(3)`
    std | | over all elements: `((x - x.mean()) ** 2).mean().sqrt()`, which divides by their number
    var | | over all elements: `((x - x.mean()) ** 2).mean()`, which divides by their number
    clone | | a value never changes: `y = x`; a model has `copy(model)`
    numel | | `x.shape`; a model says how many parameters it has where its name stands alone
    num_parameters | | a model says it where its name stands alone
    summary | | a model shows its parts where its name stands alone
    isnull | | `t.describe()` counts what is missing
    isna | | `t.describe()` counts what is missing
    nunique | | `t.text.unique().len()`
    astype | | a text becomes a number with `float(x)` or `int(x)`, a number a text with `str(x)`
    assign | | `t.map(r -> {text: r.text, n: r.text.len()})`
    query | | `t.filter(r -> r.label == "spam")`
    reset_index | | rows are counted from 0 by themselves
    to_numpy | | words take a table and its columns as they are
    convert_tokens_to_ids | encode |
    merge_and_unload | merge |
    print_trainable_parameters | parameters | showing the model says what is trained
    encode_plus | encode |
    batch_decode | decode |
    convert_ids_to_tokens | decode |
    apply_chat_template | chat | it writes the messages as the model's template has them, and answers
    generate_text | generate |
    text_generation | generate |
    fill_mask | fill |
    question_answering | answer |
    get_dummies | | labels stay as they are: texts or numbers
    """)

  private static let fields: [Habit] = row(
    .field,
    """
    coef_ | coef |
    intercept_ | intercept |
    n_iter_ | n_iter |
    classes_ | labels |
    requires_grad | | `model.freeze("name")` and `model.unfreeze("name")`
    grad | | `gradients(loss, model)` gives a table of gradients
    T | transpose() |
    ndim | shape.len() |
    dtypes | | `t.describe()` shows each column's kind
    vocab_size | vocabulary_size |
    model_max_length | max_length |
    input_ids | ids |
    token_type_ids | type_ids |
    attention_mask | | nothing is padded, so nothing is masked
    iloc | | `t[0]`, `t[1:3]`
    loc | | `t[t.label == "spam"]`
    str | | words take a column as it is: `t.text.lower()`
    device | | everything runs on the processor
    shape | | `len(x)`; a table's columns: `t.describe()`
    columns | | `t.describe().column`
    learning_rate | lr |
    """)

  private static let labels: [Habit] = row(
    .label,
    """
    learning_rate | lr |
    max_new_tokens | max_tokens |
    max_length | max_tokens |
    dim | axis |
    num_train_epochs | epochs |
    num_epochs | epochs |
    n_epochs | epochs |
    max_steps | steps |
    batch_size | batch |
    per_device_train_batch_size | batch |
    warmup_steps | warmup |
    warmup_ratio | warmup |
    lr_scheduler_type | schedule |
    max_grad_norm | clip |
    gradient_accumulation_steps | accumulate |
    evaluation_strategy | eval_every |
    eval_strategy | eval_every |
    eval_dataset | valid |
    train_dataset | train |
    label_smoothing_factor | label_smoothing |
    random_state | seed |
    num_labels | labels |
    max_len | max_length |
    max_seq_length | max_length |
    r | rank |
    lora_alpha | alpha |
    lora_dropout | dropout |
    target_modules | targets |
    reduction_factor | reduction |
    num_virtual_tokens | length |
    num_beams | beams |
    num_return_sequences | n |
    stop_sequences | stop |
    stop_strings | stop |
    top_k | best |
    top_k | k |
    topk | best |
    n_best_size | best |
    doc_stride | stride |
    max_seq_len | max_length |
    block_size | max_length |
    handle_impossible_answer | no_answer |
    test_size | test |
    train_size | train |
    top_k_results | k |
    output_hidden_states | hidden_states |
    output_attentions | attentions |
    add_special_tokens | special |
    key | by |
    reverse | descending |
    ascending | descending |
    c | C |
    return_tensors | | `model(texts)` takes texts as they are
    padding | | nothing is padded: each text keeps its own length
    return_offsets_mapping | | `tokenize(model, text)` shows where each token stands
    device | | everything runs on the processor
    device_map | | everything runs on the processor
    torch_dtype | | `load("name", precision: "bf16")`
    do_sample | | texts are drawn where `temperature:` is above 0
    no_repeat_ngram_size | | `repetition_penalty: 1.2` makes what came before less likely
    return_full_text | | what is written comes without its prompt
    streamer | | on a terminal a text is shown as it is written
    use_cache | | what was read is always kept
    add_generation_prompt | | `chat` ends with the model's turn by itself
    aggregation_strategy | | what is found has both: `p.entities` and `p.words`
    mlm_probability | | 15 % of the tokens are guessed, as in BERT's own training
    output_dir | | `save(model, "dir")` writes the files
    sep | | a .csv has commas, a .tsv tabs, else `format: "tsv"`; `print` puts a space
    delimiter | | a .csv has commas, a .tsv tabs, else `format: "tsv"`
    inplace | | nothing changes in place: the result gets a name, `t = t.sort(by: "label")`
    encoding | | texts are UTF-8
    n_jobs | | every core is used
    verbose | | long work shows how far it is by itself
    end | | `print` ends each line; texts are joined with `+`
    """)

  private static func find(_ word: String, _ places: [Place]) -> Habit? {
    for place in places {
      if let habit = all.first(where: { $0.place == place && $0.foreign == word }) { return habit }
    }
    return nil
  }

  /// What a name that stands for a value, is called, or follows a point is here.
  static func name(_ word: String) -> Habit? { find(word, [.name, .call]) }
  static func call(_ word: String) -> Habit? { find(word, [.call, .name]) }
  static func method(_ word: String) -> Habit? { find(word, [.method, .call, .field]) }
  static func fieldHabit(_ word: String) -> Habit? { find(word, [.field, .method]) }

  /// A message for a field that is set.
  static func field(_ word: String) -> (message: String, help: String)? {
    guard let habit = find(word, [.field]) else { return nil }
    let help: String = habit.says.isEmpty ? "write `\(habit.ours)`" : habit.says
    return ("`\(word)` can't be set", help)
  }

  /// The label that a form has for one from elsewhere.
  static func label(_ word: String, for form: Builtin) -> String? {
    let names: [String] = form.parameters.map(\.name)
    return all.first { $0.place == .label && $0.foreign == word && names.contains($0.ours) }?.ours
  }

  /// Labels from elsewhere that are some words' own here: they are meant otherwise only where a word lacks them.
  static let shared: Set<String> = ["max_length", "top_k"]

  /// What a label from elsewhere is here in every call; short ones may be a user's own.
  static func label(_ word: String) -> String? {
    guard word.utf8.count > 1, !shared.contains(word) else { return nil }
    return all.first { $0.place == .label && $0.foreign == word && !$0.ours.isEmpty }?.ours
  }

  /// Why a label from elsewhere isn't needed here; nil where nothing is known of it.
  static func needless(_ word: String) -> String? {
    all.first { $0.place == .label && $0.foreign == word && $0.ours.isEmpty }?.says
  }

  /// What a name that is called is here; behind a point also what a method or field is.
  static func callee(_ word: String, isMember: Bool) -> Habit? {
    isMember ? find(word, [.method, .call]) : find(word, [.call])
  }

  /// What to do where a value of the wrong kind was given first.
  static func help(forWrong value: Value, to word: String) -> String? {
    switch (value.kind, word) {
    case (.int, "len"): return "the digits of a number: `len(str(x))`"
    case (.list, "lower"), (.list, "upper"), (.list, "strip"), (.list, "split"), (.list, "replace"):
      return "for each of them: `xs.map(x -> x.\(word)())`"
    case (.function, "map"), (.function, "filter"): return "what is gone through stands first: `xs.\(word)(f)`"
    case (.string, "join"): return "the texts stand first: `xs.join(\", \")`"
    case (.string, "abs"), (.string, "round"), (.string, "sqrt"): return "text becomes a number with `float(x)`"
    default: return nil
    }
  }
}
