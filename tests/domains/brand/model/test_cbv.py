"""The standard vocabularies: every notation of a word is the word; nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longmai.domains.brand.model import cbv

VOCABULARIES = [value for value in vars(cbv).values() if isinstance(value, cbv.Vocabulary)]
each = pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda found: found.name)


@each
def test_every_notation_of_a_word_is_the_word(vocabulary: cbv.Vocabulary) -> None:
    """Bare, CURIE, URI and URN of one word say the same."""
    for word in vocabulary.words:
        assert vocabulary.bare(word) == word
        assert {vocabulary.bare(form + word) for form in vocabulary.uri_forms} == {word}


@each
def test_claimed_word_that_is_none_stays_as_sent(vocabulary: cbv.Vocabulary) -> None:
    """A URI of the standard's namespace with an unknown word is not shortened."""
    for form in vocabulary.uri_forms:
        assert vocabulary.bare(f"{form}no_such_word") == f"{form}no_such_word"
        assert vocabulary.word_in(f"{form}no_such_word") == "no_such_word"


@each
def test_slip_in_a_word_suggests_the_word(vocabulary: cbv.Vocabulary) -> None:
    """A word with its last letter doubled is nearest to itself."""
    for word in vocabulary.words:
        assert vocabulary.nearest(word + word[-1]) == word


@each
@given(local=st.from_regex(r"[a-z]+", fullmatch=True))
def test_word_of_another_vocabulary_claims_nothing(vocabulary: cbv.Vocabulary, local: str) -> None:
    """A URI outside the standard's namespaces is somebody's own word."""
    foreign = f"https://example.com/words/{local}"
    assert vocabulary.word_in(foreign) is None
    assert vocabulary.bare(foreign) == foreign


def test_few_words_are_all_suggested() -> None:
    """Where nothing is near and the words are few, the message names them all."""
    suggested = cbv.SOURCE_DESTINATION_TYPE.suggestion("zzz")
    assert "location or owning_party or possessing_party" in suggested
    assert cbv.BIZ_STEP.suggestion("zzz") == "write a URI of a vocabulary of your own"
