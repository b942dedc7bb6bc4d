import pytest
import yaml
from fact.model.card_head import card_head
from huggingface_hub import ModelCard

CONFIG = {"source": "vit_small_patch16_224.dino", "license": "apache-2.0"}
ESTIMATE = {"accuracy": 0.81234}


def read(config: dict = CONFIG, estimate: dict = ESTIMATE, test: float | None = None, **options: str) -> dict:
    names = {"name": "birds · vit", "library": "timm", **options}
    text = card_head(config, estimate, {"accuracy": test}, **names)
    # the Hub's own reader
    assert ModelCard(f"{text}\n# birds\n").data.to_dict()["library_name"] == names["library"]
    return yaml.safe_load(text.split("---")[1])


def test_the_hub_reads_what_the_model_is() -> None:
    head = read()
    assert head["pipeline_tag"] == "image-classification" and head["license"] == "apache-2.0"
    assert head["base_model"] == "timm/vit_small_patch16_224.dino" and "fact" in head["tags"]


def test_accuracies_are_results_each_with_its_images() -> None:
    (model,) = read(test=0.75)["model-index"]
    found = {row["dataset"]["name"]: row["metrics"][0]["value"] for row in model["results"]}
    assert model["name"] == "birds · vit"
    assert found == {"unlabelled pool, estimated from held-out labels": 0.8123, "test images": 0.75}


def test_an_audit_is_told_from_an_estimate() -> None:
    (model,) = read(estimate={**ESTIMATE, "source": "audit"})["model-index"]
    assert model["results"][0]["dataset"]["name"] == "unlabelled pool, images drawn at random"


def test_nothing_is_claimed_that_is_not_known() -> None:
    head = read({"source": "local-dir:mine", "license": None}, {"accuracy": None}, library="fact-workflow")
    assert not {"model-index", "license", "base_model"} & set(head)


@pytest.mark.parametrize("source", ["vit_tiny_patch16_224", "workflow/weights/vit.safetensors"])
def test_weights_that_are_not_from_the_hub_have_no_base_model(source: str) -> None:
    assert "base_model" not in read(CONFIG | {"source": source})
