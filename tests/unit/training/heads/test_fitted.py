import fact
import numpy as np
import pytest
from fact.infra.errors import ConfigError
from sklearn.linear_model import LogisticRegression


def blobs(classes: int = 3, each: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, 5), tokens (n, 2, 2, 5) whose mean they are, and names of classes."""
    draw = np.random.default_rng(0)
    centres = draw.normal(size=(classes, 5)) * 3
    tokens = draw.normal(size=(classes * each, 2, 2, 5)) + centres.repeat(each, 0)[:, None, None]
    return tokens.mean((1, 2)), tokens, np.array(["cat", "dog", "owl"])[:classes].repeat(each)


def test_a_linear_head_is_logistic_regression() -> None:
    features, _, names = blobs()
    scale = np.linalg.norm(features.astype(np.float32), axis=1).mean()
    oracle = LogisticRegression(C=10.0, tol=1e-10, max_iter=5000).fit(features / scale, names)
    head = fact.fit_head(features, names, C=10.0)
    assert list(head.classes) == ["cat", "dog", "owl"]
    assert head.predict_proba(features) == pytest.approx(oracle.predict_proba(features / scale), abs=1e-4)
    assert (head.predict(features) == oracle.predict(features / scale)).all()


def test_a_head_on_tokens_reads_tokens_and_is_the_same_again() -> None:
    features, tokens, names = blobs()
    settings = {"C": 10.0, "rho": 10.0, "heads": 1}
    head, again = (fact.fit_head(features, names, "map", tokens=tokens, **settings) for _ in range(2))
    assert (head.logits(features, tokens) == again.logits(features, tokens)).all()
    assert head.head.kind == "map" and (head.predict(features, tokens) == names).mean() > 0.9
    with pytest.raises(ValueError, match="reads tokens, which are missing"):
        head.predict(features)


def test_wrong_requests_are_named() -> None:
    features, _, names = blobs()
    with pytest.raises(ConfigError, match="'mapa' is not declared; did you mean 'map'"):
        fact.fit_head(features, names, "mapa")
    with pytest.raises(ConfigError, match="unknown setting 'see'"):
        fact.fit_head(features, names, see=1)
    with pytest.raises(ValueError, match="differ in length"):
        fact.fit_head(features[1:], names)
