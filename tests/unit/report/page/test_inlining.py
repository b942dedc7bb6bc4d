import base64
import hashlib
import json

import pytest
from fact.report.page.inlining import content_security_policy, own_code, script_json

NAMES = [
    "</script><img src=x onerror=alert(1)>",
    "<!-- <script>",
    "]]>",
    "a & b",
    "\u2028 line",
    '"quoted"',
    "ß → 猫",
]


@pytest.mark.parametrize("name", NAMES)
def test_json_in_a_script_holds_no_sign_of_markup_and_reads_back(name: str):
    text = script_json({name: [name, 1.5, None]})
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == {name: [name, 1.5, None]}


def test_numbers_that_json_lacks_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        script_json({"mean": float("nan")})


@pytest.mark.parametrize("source", ["a</script>b", "a</STYLE >b", "x <!-- y"])
def test_code_that_would_end_early_is_refused(source: str):
    with pytest.raises(ValueError, match="ends it in HTML"):
        own_code(source)


def test_the_policy_names_each_source_by_its_hash_and_nothing_else():
    policy = dict(
        part.split(" ", 1) for part in content_security_policy(["a()", "b()"], ["p {}"]).split("; ")
    )
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(source).digest()).decode()}'"
        for source in (b"a()", b"b()")
    ]
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["script-src"] == " ".join(hashes)
    assert "unsafe" not in str(policy) and "http" not in str(policy)
