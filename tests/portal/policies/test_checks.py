"""What the checks find stands on a policy's page and in the editor, with somebody as example."""

import pytest
from tests.rules.checks.policies import FAULTY
from tests.rules.policy.policies import HOUSEHOLD
from tests.visitor import TestClient

from longmai.portal.policies import checks
from longmai.rules.checks import checking


@pytest.mark.parametrize(("language", "title"), [("zh", "规则检查"), ("en", "Checks of the rule")])
def test_a_policy_shows_what_its_checks_find(client: TestClient, language: str, title: str) -> None:
    """Aid that ends at a threshold has a cliff, in either language."""
    page = client.get("/rules/livelihood.aid", params={"lang": language}).text
    assert title in page
    assert 'id="checks"' in page


def test_the_editor_names_a_cliff_with_its_line_and_two_people(client: TestClient) -> None:
    """Before the threshold and behind it."""
    text = (FAULTY / "cliff.yaml").read_text(encoding="utf-8")
    page = client.post("/rules/edit", data={"text": text}).text
    assert "断崖" in page
    assert 'data-line="21"' in page
    assert "月收入 = 800.01 元/月" in page


def test_the_editor_offers_examples_to_add(client: TestClient) -> None:
    """As YAML to put below the others, and names the thresholds that none of them holds."""
    page = client.post("/rules/edit", data={"text": HOUSEHOLD}).text
    assert "可补充的例子" in page
    assert "待确认" in page
    assert "没有示例会发现" in page


def test_a_text_that_cannot_be_read_is_not_checked(client: TestClient) -> None:
    """First what is wrong with the text."""
    page = client.post("/rules/edit", data={"text": HOUSEHOLD.replace("标题:", "题:")}).text
    assert "规则检查" not in page


def test_without_the_solver_the_pages_stand(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They say what was not checked."""
    monkeypatch.setattr(checking, "is_available", lambda: False)
    monkeypatch.setattr(checks, "is_available", lambda: False)
    page = client.post("/rules/edit", data={"text": HOUSEHOLD}).text
    assert "求解器没有安装" in page
    assert "可补充的例子" not in page
