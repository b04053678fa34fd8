"""Policies found by name, number, issuer, words of the summary, or pinyin initials."""

from collections.abc import Iterator

from longmai.portal.domain import Found
from longmai.portal.house import House
from longmai.portal.pinyin import initials
from longmai.portal.policies.said import title_of
from longmai.rules.policy.model import Policy


def matches(policy: Policy, text: str) -> bool:
    """Tell whether a policy is meant by a text; no text means any."""
    wanted = text.strip().casefold()
    texts = (policy.id, policy.title, policy.en, policy.number, policy.issuer, policy.summary)
    return (
        not wanted
        or any(wanted in each.casefold() for each in texts)
        or initials(policy.title).startswith(wanted)
    )


def policies_found(house: House, text: str, language: str) -> Iterator[Found]:
    """Yield the policies that a text means, the newest version of each."""
    for own, versions in house.policies.by_id.items():
        if matches(versions[0], text):
            yield Found("policy", title_of(versions[0], language), own, f"/rules/{own}")
