"""Reads a policy file: text to a checked policy, or everything that is wrong with it at once."""

import hashlib
from collections.abc import Sequence

from longmai.kernel.errors import InvalidMany
from longmai.rules.policy.checking import check
from longmai.rules.policy.examples import run_examples
from longmai.rules.policy.findings import Findings, PolicyFinding
from longmai.rules.policy.model import Policy
from longmai.rules.policy.sections import Beside, PolicyReader
from longmai.rules.policy.yaml_file import Section, read_yaml

SEMANTICS = "longmai-policy-1"
"""Part of every digest: what a rule means is as much a part of its version as its words."""


def read_policy(text: str, file: str = "", beside: Beside | None = None) -> Policy:
    """Read one policy.

    Args:
        text: of the file.
        file: its name, for findings.
        beside: reads the DMN files it names.

    Raises:
        InvalidMany: all that is wrong, each with line, key and mend.
    """
    policy, found = try_policy(text, file, beside)
    if policy is None or found:
        many = f"{len(found)} findings" if len(found) > 1 else "1 finding"
        raise InvalidMany(f"{file or 'the policy'}: {many}", found, code="policy")
    return policy


def try_policy(
    text: str, file: str = "", beside: Beside | None = None
) -> tuple[Policy | None, Sequence[PolicyFinding]]:
    """Return a policy as far as it can be read, and all that is wrong with it.

    It is None where something it cannot be without is missing or unreadable; where only names,
    dates or kinds are wrong, it is there, so that an editor shows what stands.
    """
    findings = Findings(file)
    root = read_yaml(text, findings)
    policy = None
    if root is not None:
        reader = PolicyReader(Section("policy", root, findings), findings, beside)
        content = reader.fields()
        if not findings.found:
            digest = digest_of(text, reader.files)
            policy = Policy(**content, digest=digest, text=text, file=file, files=reader.files)
            check(policy, reader, findings)
            if not findings.found:
                ran = run_examples(policy)
                findings.found += [each.finding for each in ran if each.finding is not None]
    return policy, sorted(findings.found, key=lambda each: (each.spot.line, each.spot.column))


def digest_of(text: str, files: dict[str, bytes]) -> str:
    """Return the version of a rule: SHA-256 over its text, the files it names, and what they mean.

    >>> len(digest_of("标题: 例", {}))
    64
    """
    whole = hashlib.sha256(SEMANTICS.encode())
    for part in (text.encode(), *(files[name] for name in sorted(files))):
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()
