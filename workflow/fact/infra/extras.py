"""Extras of the installation: what each is for, and which one brings a module that is missing."""

EXTRAS = {
    "select": "selection and heads on stored features",
    "workflow": "fact new, fact run, snakemake",
    "lora": "LoRA",
    "export": "models as ONNX",
    "report": "figures and the page",
    "label": "the page of fact label",
    "segmentation": "UPerNet",
    "text": "selectors that compare images with texts",
}

MODULES = {
    "numba": "select",
    "scipy": "select",
    "sklearn": "select",
    "threadpoolctl": "select",
    "faiss": "workflow",
    "pooch": "workflow",
    "psutil": "workflow",
    "pyarrow": "workflow",
    "snakemake": "workflow",
    "snakemake_executor_plugin_slurm": "workflow",
    "peft": "lora",
    "onnx": "export",
    "onnxruntime": "export",
    "onnxscript": "export",
    "jinja2": "report",
    "markupsafe": "report",
    "matplotlib": "report",
    "starlette": "label",
    "uvicorn": "label",
    "transformers": "segmentation",
}
"""The smallest extra that brings a module."""


def install_command(extra: str) -> str:
    """Return what a user types to install an extra."""
    return f"pip install 'fact-workflow[{extra}]'"


def missing_extra(error: BaseException) -> str | None:
    """Return what to install where a module of an extra is missing; None for other errors."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return None
    module = error.name.partition(".")[0]
    if module not in MODULES:
        return None
    extra = MODULES[module]
    return f"{module} is not installed; for {EXTRAS[extra]}: {install_command(extra)}"
