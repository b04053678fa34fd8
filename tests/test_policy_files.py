"""Every policy file of the house is right, and honest about what nobody has confirmed."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, ClassVar

import jsonschema_rs
import pytest
import yaml

from longmai.kernel.regions import RegionPack, regions_folder
from longmai.registry import DOMAINS
from longmai.rules.policy.evaluation import State
from longmai.rules.policy.library import Library, beside, policy_files
from longmai.rules.policy.model import EVERYWHERE, Policy
from longmai.rules.policy.reading import try_policy
from longmai.rules.policy.schema import schema

PACKS = [RegionPack.load(file.parent) for file in sorted(regions_folder().glob("*/region.toml"))]
NATIONAL = {file: domain.slug for domain in DOMAINS for file in policy_files(domain.policies)}
REGIONAL = {file: pack for pack in PACKS for file in policy_files([pack.policies])}
FILES = [*NATIONAL, *REGIONAL]
PARAPHRASED = "（转述）"
SCHEMA = jsonschema_rs.validator_for(schema())


class PlainLoader(yaml.SafeLoader):
    """YAML 1.2's core schema as editors read it: a date is a text."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {  # type: ignore[misc] # stub: per object
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@pytest.fixture(params=FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def file(request: pytest.FixtureRequest) -> Path:
    """Each policy file."""
    found: Path = request.param
    return found


@pytest.fixture
def policy(file: Path) -> Policy:
    """Each policy."""
    found, findings = try_policy(file.read_text("utf-8"), str(file), beside(file.parent))
    assert found is not None
    assert not findings, "\n".join(f"{each.spot}: {each.told('what', 'en')}" for each in findings)
    return found


def test_every_domain_and_every_field_has_policies() -> None:
    """The folders that the domains and packs name are those in which the files lie."""
    fields = {*NATIONAL.values(), *(file.parent.name for file in REGIONAL)}
    assert fields == {domain.slug for domain in DOMAINS}


def test_a_file_reads_and_its_examples_come_true(policy: Policy) -> None:
    """No finding; and the examples show who gets it and who does not."""
    states = {State(each.expect.state) for each in policy.examples}
    assert State.MET in states or State.UNKNOWN in states
    # Where every value waits to be confirmed, nobody can be told no either.
    assert State.NOT_MET in states or states == {State.UNKNOWN}


def test_a_file_fits_the_schema_that_editors_use(file: Path) -> None:
    """The JSON Schema takes what the reader takes."""
    content = yaml.load(file.read_text("utf-8"), Loader=PlainLoader)  # noqa: S506 - a SafeLoader
    errors = [f"{each.instance_path}: {each.message}" for each in SCHEMA.iter_errors(content)]
    assert not errors


def test_a_file_stands_where_it_belongs(file: Path, policy: Policy) -> None:
    """Its id begins with its field; a national one holds everywhere, a regional one in its pack."""
    slug = NATIONAL.get(file, file.parent.name)
    assert policy.field == slug
    assert policy.id.startswith(f"{slug}.")
    pack = REGIONAL.get(file)
    if pack is None:
        assert policy.regions == (EVERYWHERE,)
        return
    short = pack.folder.name
    assert all(each.startswith(short) for each in policy.regions)
    rows = [value for each in policy.parameters.values() for value in each.values]
    for code in {each.region for each in rows if each.region}:
        assert pack.get(code).code.startswith(code)


def test_a_clause_says_that_it_is_a_paraphrase(policy: Policy) -> None:
    """We have the original words of none; who has them puts them in, and takes the mark away."""
    assert all(each.text.startswith(PARAPHRASED) for each in policy.clauses.values())


def test_no_value_claims_more_than_its_source(policy: Policy) -> None:
    """Confirmed: a source that somebody read. To be confirmed: missing, or from one source."""
    for parameter in policy.parameters.values():
        for value in parameter.values:
            source = policy.sources.get(value.source)
            confidence = "" if source is None else source.confidence
            if value.value is None:
                assert not value.confirmed, parameter.name
            elif value.confirmed:
                assert confidence in {"read", "one source"}, parameter.name
            else:
                assert confidence == "one source", parameter.name


def test_only_a_named_document_counts_as_read(policy: Policy) -> None:
    """A number, or a law by its full name; without either a policy waits to be confirmed."""
    for source in policy.sources.values():
        if source.confidence == "read":
            assert source.number or source.title.startswith("中华人民共和国"), source.title
    known = policy.number or any(each.confidence == "read" for each in policy.sources.values())
    assert known or policy.status == "to be confirmed"
    if all(each.confidence == "recalled" for each in policy.sources.values()):
        assert all(v.value is None for p in policy.parameters.values() for v in p.values)


def _names(policy: Policy) -> Iterator[tuple[str, str]]:
    rooms = (policy.inputs, policy.members, policy.parameters, policy.steps, policy.rules)
    for room in rooms:
        for each in room.values():
            yield each.name, each.en


def test_the_english_is_complete(policy: Policy) -> None:
    """Title, summary, and every name that an explanation may say."""
    assert policy.en
    assert policy.summary
    assert policy.summary_en
    assert not [name for name, english in _names(policy) if not english]


def test_data_about_people_say_who_holds_them(policy: Policy) -> None:
    """A datum of a person or household names its department, and is sensitive where it shows."""
    if policy.applies_to not in {"person", "household"}:
        return
    asked = [*policy.inputs.values(), *policy.members.values()]
    assert not [each.name for each in asked if not each.holder]
    told = ("收入", "残疾", "出生", "国籍", "财产", "失能", "重病", "孤儿")
    for each in asked:
        if any(word in each.name for word in told):
            assert each.sensitive, each.name


def test_of_one_policy_one_version_holds_a_day() -> None:
    """Versions follow each other without overlap, so that a day picks one."""
    library = Library.load(FILES)
    for versions in library.by_id.values():
        for one, other in combinations(versions, 2):
            later, earlier = (one, other) if one.start > other.start else (other, one)
            assert earlier.end is not None, f"{earlier.id} {earlier.version}"
            assert earlier.end + timedelta(days=1) <= later.start


def test_all_policies_together_are_a_library() -> None:
    """No id and version twice; on a day of late 2026 every field has one in force."""
    library = Library.load(FILES)
    holding = {each.field for each in library.in_force(date(2026, 11, 1), PACKS[0].folder.name)}
    assert holding == {domain.slug for domain in DOMAINS}
