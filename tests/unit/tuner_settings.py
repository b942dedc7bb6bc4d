"""Settings of every tuner, small enough for tests."""

from training_settings import SETTINGS

TRAINING = SETTINGS | {
    "epochs": 2,
    "batch_size": 8,
    "head_std": 0.001,
    "learning_rate": 0.05,
    "weight_decay": 1e-4,
    "drop_path": 0.1,
    "grad_checkpointing": False,
    "compile": False,
    "augmentation": {
        "crop_scale": [0.3, 1.0],
        "crop_ratio": [0.75, 1.3333],
        "flip": 0.5,
        "interpolation": "bicubic",
    },
}

TUNERS = {
    "full": TRAINING | {"tuner": "full"},
    "lora": TRAINING | {"tuner": "lora", "rank": 4, "alpha": 8, "dropout": 0.1, "targets": None},
    "prompts": TRAINING | {"tuner": "prompts", "num_tokens": 4, "deep": True, "dropout": 0.1},
    "prefix": TRAINING | {"tuner": "prefix", "num_tokens": 4},
}
