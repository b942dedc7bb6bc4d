"""Settings of a training of a few steps; a test names those that it changes."""

SETTINGS = {
    "epochs": 1,
    "batch_size": 64,
    "cpu_micro_batch": 25,
    "learning_rate": 0.1,
    "momentum": 0.9,
    "weight_decay": 0.01,
    "warmup_epochs": 0,
    "warmup_learning_rate": 1e-6,
    "min_learning_rate": 1e-5,
    "schedule_lag": 0,
    "clip_norm": 2.0,
    "label_smoothing": 0.1,
    "freeze_batchnorm": True,
    "precision": "fp32",
    "head_std": 0.001,
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
