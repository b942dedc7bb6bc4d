"""Settings of every tuner, small enough for tests."""

from training_settings import SETTINGS

TRAINING = SETTINGS | {
    "epochs": 2,
    "batch_size": 8,
    "learning_rate": 0.05,
    "weight_decay": 1e-4,
}

TUNERS = {
    "full": TRAINING | {"tuner": "full"},
    "lora": TRAINING | {"tuner": "lora", "rank": 4, "alpha": 8, "dropout": 0.1, "targets": None},
    "prompts": TRAINING | {"tuner": "prompts", "num_tokens": 4, "deep": True, "dropout": 0.1},
    "prefix": TRAINING | {"tuner": "prefix", "num_tokens": 4},
}
