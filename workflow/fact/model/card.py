"""The model card: what the model is, how good it is thought to be, and how to use each file."""

import re
from collections.abc import Sequence

from fact.infra.fields import Settings
from fact.model.candidate_name import with_pool

ASK = "`fact audit PROJECT` draws 30 images at random; their labels measure the model."
TRIED = ("recipe", "log-loss", "accuracy")
NOT_STATED = "not stated by who published them; ask before you distribute the model"


def card(
    config: Settings, assessment: Settings, estimate: Settings, test: Settings, exports: Settings, name: str
) -> str:
    """Return markdown. Everything that comes from file and class names is escaped.

    ``estimate``: what :func:`fact.model.audit.with_audit` returns.
    """
    parts = [
        f"# {escape(name)}",
        what_text(config, assessment),
        "## How good it is",
        _how_good(assessment, estimate, test),
        "## What was tried",
        _tried(assessment),
        "## What more labels would bring",
        _gains(assessment),
        "## Classes, in the order of the logits",
        _table(("", "class", "labels", "accuracy when held out"), _classes(assessment)),
        "## Use",
        _use(config, exports),
        "## Licence",
        f"Pretrained weights: {escape(config['license'] or NOT_STATED)}. Labels and images are yours.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown and HTML show as it is, on one line."""
    return re.sub(r"([\\`*_{}\[\]<>()#|!&~])", r"\\\1", " ".join(str(text).split()))


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def what_text(config: Settings, assessment: Settings) -> str:
    """Return what the model is made of, Markdown."""
    head = {
        "map": "attention pooling and a linear layer",
        "pooled+map": "a linear layer and attention pooling",
    }
    kind = head.get(config["head"], f"a linear layer ({config['head']})")
    folds = assessment["measured"]["folds"]
    options = (
        f"Recipe, head, regularisation and augmentation were chosen by cross-validation in {folds} folds."
        if folds
        else "Recipe and head are fallbacks: no label could be held out to choose by."
    )
    return (
        f"{len(config['classes'])} classes from {config['labelled']} labelled images: "
        f"{escape(config['architecture'])} ({escape(config['source'])}), recipe `{config['recipe']}`, "
        f"head: {kind}. {options}{_pool(config['pool_images'])}"
    )


def _pool(images: int) -> str:
    return (
        f" The head was also fitted on {images} unlabelled images of the pool whose class the labelled ones "
        "and their neighbours make sure."
        if images
        else ""
    )


def _how_good(assessment: Settings, estimate: Settings, test: Settings) -> str:
    lines = [accuracy_text(assessment["measured"], estimate)]
    if test["accuracy"] is not None:
        ends = f"{percent(test['low'])} to {percent(test['high'])}"
        lines.append(f"On {test['images']} test images: **{percent(test['accuracy'])}** ({ends}).")
    if test["of_learnt_groups"]:
        lines.append(
            f"{test['of_learnt_groups']} test images are of groups that have labels, and do not count."
        )
    lines += [f"- {escape(sentence)}" for sentence in assessment["cautions"]]
    return "\n\n".join(lines)


def accuracy_text(measured: Settings, estimate: Settings) -> str:
    """Return where the accuracy comes from, and what it is, in words for those who label."""
    if estimate["source"] == "audit":
        return _audited(estimate)
    return "\n\n".join(part for part in (_estimated(measured, estimate), _not_yet(estimate["audit"])) if part)


def _audited(estimate: Settings) -> str:
    audit, own = estimate["audit"], estimate["cross_validated"]
    parts = [
        f"**{percent(estimate['accuracy'])}** of images like the pool's, {_interval(estimate)}, **measured "
        f"on {audit['labelled']} images drawn at random** from the pool. The model has seen none of "
        f"their labels, and has {audit['right']} right."
    ]
    if audit["unknown"]:
        parts.append(
            f"{audit['unknown']} of them are of classes that the model does not have "
            f"({escape(', '.join(audit['unknown_classes']))}) and count as wrong."
        )
    if missing := audit["asked"] - audit["labelled"]:
        parts.append(
            f"{missing} more were drawn and have no label; leaving them out is right only if they lack it by "
            "chance, and not for being hard to tell."
        )
    parts += _gone(audit)
    if own["accuracy"] is not None:
        ends = f"{percent(own['low'])} to {percent(own['high'])}"
        parts.append(f"The labelled images alone had let one expect {percent(own['accuracy'])} ({ends}).")
    return " ".join(parts)


def _gone(audit: Settings) -> list[str]:
    gone = audit["gone"]
    said = f"{gone} more were drawn and have left the pool since, deleted or renamed; they do not count."
    learnt = audit["learnt_groups"]
    groups = f"{learnt} more are of groups that have labels by now, and do not count."
    return [*([said] if gone else []), *([groups] if learnt else [])]


def _not_yet(audit: Settings) -> str:
    if not audit["labelled"]:
        return ""
    missing = audit["asked"] - audit["labelled"]
    said = (
        f"An audit is under way: {audit['labelled']} of {audit['asked']} images drawn at random have a "
        f"label, {missing} lack one. It counts when all are labelled, or after `fact audit PROJECT "
        "--ignore-missing` if the rest is missing by chance and not for being hard to tell."
    )
    return " ".join([said, *_gone(audit)])


def _estimated(measured: Settings, estimate: Settings) -> str:
    if estimate["accuracy"] is None:
        return f"**Not known**: no labelled image could be held out. {ASK}"
    shift = (
        f"; the model's confidence on {estimate['unlabelled']} unlabelled images moves that by "
        f"{_signed(estimate['shift'])} points"
        if estimate["shift"] is not None
        else ""
    )
    kind = "images of groups that have no label" if measured["groups"] else "images like the pool's"
    return (
        f"About **{percent(estimate['accuracy'])}** of {kind}, {_interval(estimate)}. **This "
        "is an estimate from the labelled images, which as a rule were chosen as typical ones and not drawn "
        f"at random.** {ASK}\n\n"
        f"It comes from {measured['held_out']} labelled images held out in {measured['folds']} folds"
        f"{_whole_groups(measured)}; all that was chosen was chosen without them. Each class counts by its "
        f"estimated share of the pool, which gives {percent(estimate['by_class'])}{shift}. Counting each "
        f"labelled image once gives {percent(estimate['by_image'])}. The interval reaches over all of these, "
        "and over twice the move."
    )


def _whole_groups(measured: Settings) -> str:
    if not measured["groups"]:
        return ""
    said = f", {measured['groups']} groups that are each held out as a whole"
    if measured["per_one"] < 1.05:
        return said
    together = f"so that {measured['per_one']:.1f} of them count as one"
    return f"{said}; images of a group are right or wrong together, {together}"


def _interval(estimate: Settings) -> str:
    ends = f"**{percent(estimate['low'])} to {percent(estimate['high'])}**"
    return f"{100 * estimate['level']:.0f} % interval {ends}"


def _tried(assessment: Settings) -> str:
    if not assessment["recipes"]:
        return "Nothing: there was no image to compare on."
    why = "Calibrated, on held-out labelled images; the lowest log-loss (nats) is taken."
    left = [f"`{name}` was not tried: {reason}." for name, reason in assessment["skipped"].items()]
    return "\n\n".join([_table(TRIED, tried_rows(assessment)), why, *left])


def tried_rows(assessment: Settings) -> list[Sequence[str]]:
    """Return a row of ``TRIED`` for each recipe."""
    taken = with_pool(assessment["recipe"], assessment["pool"])
    return [
        (
            f"{name}{' (taken)' if name == taken else ''}",
            f"{row['log_loss']:.3f}",
            percent(row["accuracy"]),
        )
        for name, row in assessment["recipes"].items()
    ]


def _gains(assessment: Settings) -> str:
    if not assessment["gains"]:
        return gains_text(assessment)
    where = "`next_to_label.csv` lists the images of the pool that the model is least sure of."
    lines = [
        gains_text(assessment),
        "",
        f"From ever larger parts of the labelled set, on frozen features. {where}",
    ]
    return "\n".join(lines)


def gains_text(assessment: Settings) -> str:
    """Return what more labels would bring: a list, or why it is not known."""
    if not assessment["gains"]:
        return "The learning curve cannot say: too few labels, or no error among the held-out images."
    lines = [
        f"- {gain['labels']} more: {_signed(gain['accuracy'])} points "
        f"({_signed(gain['low'])} to {_signed(gain['high'])})"
        + (", or nothing: the curve does not tell" if gain["low"] <= 0 else "")
        for gain in assessment["gains"]
    ]
    return "\n".join(lines)


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _classes(assessment: Settings) -> list[Sequence[str]]:
    return [
        (
            str(index),
            escape(row["name"]),
            str(row["labels"]),
            "–" if row["accuracy"] is None else percent(row["accuracy"]),
        )
        for index, row in enumerate(assessment["classes"])
    ]


def _use(config: Settings, exports: Settings) -> str:
    options = config["preprocessing"]
    side = options["image_size"]
    parity = max(exports["onnx"].values())
    return (
        _table(("file", "what it is"), use_rows(config, exports))
        + f"\n\nInput: RGB, {options['transform']} to {side} × {side} ({options['interpolation']}), "
        f"divided by 255, minus {options['mean']}, divided by {options['std']}. The softmax of the logits is "
        f"calibrated (temperature {config['temperature']:.2f}, already in them). ONNX differs from the model "
        f"by at most {parity:.0e} of the largest logit, at batches of 1, 2 and 7."
    )


def use_rows(config: Settings, exports: Settings) -> list[Sequence[str]]:
    """Return files of the model's folder and what each is for, Markdown."""
    side = config["preprocessing"]["image_size"]
    adapter = (
        "what LoRA trained, for PEFT on timm's model; `model.safetensors` has it merged already"
        if config["tuner"] == "lora"
        else "no adapter: this recipe trains none"
    )
    head = (
        "timm's own model with this head as its classifier"
        if exports["timm"] == "backbone and head"
        else "the tuned backbone **alone**: timm has no classifier for this head"
    )
    return [
        (
            "`model.safetensors`, `config.json`",
            '`fact.load_model("this folder").predict(["a.jpg"])`, `fact predict`',
        ),
        ("`adapter/`", adapter),
        (
            "`model.onnx`",
            f"`images` (batch, 3, {side}, {side}) to `logits`; any batch size",
        ),
        ("`model.pt2`", "`torch.export.load`, with this release of torch"),
        ("`timm/`", f"{head}; `timm.create_model`, `transformers.pipeline`, `hf upload`"),
        ("`selftest.safetensors`", "input and logits to check an installation by"),
        ("`label_errors.csv`", "labels worth a second look"),
        ("`pool_profile.safetensors`", "some of the pool's vectors, for `fact predict` to compare with"),
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if rows else ""
