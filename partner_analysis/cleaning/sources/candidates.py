"""Where in a text a partner may be meant: exact spans, near spans, physicians."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from partner_analysis.cleaning.sources.aliases import Partners
from partner_analysis.cleaning.sources.forms import Candidate, Form
from partner_analysis.cleaning.sources.likeness import Near, judge_slip, undoubled, windows
from partner_analysis.cleaning.sources.physicians import find_physicians, people_by_name
from partner_analysis.cleaning.sources.texts import (
    GENERIC,
    HOSTED,
    LABEL_OF,
    LINKS,
    ORGANISATIONS,
    OTHER_PLACE,
    PLACE_WORDS,
    TITLES,
    Words,
)

SCORES: Final = {"normalised": 98.0, "short name": 90.0, "initials": 80.0}
REORDERED: Final = 92.0
NOT_HOSTED: Final = ORGANISATIONS - HOSTED
SHORT_WORD: Final = 5  # letters of a word in which one slip may make another name
SHORTEST: Final = 2  # letters of a name that may stand among other words
REFERRED: Final = frozenset({"sent", "referred", "ref", "told", "recommended", "suggested", "seen"})
SAFE_WORDS: Final = 3  # a name of so many words, two of them telling, may stand among others


class Finder:
    """Finds candidates in texts; ``near`` holds the forms that are nearly some of their spans."""

    def __init__(self, partners: Partners) -> None:
        self.partners = partners
        self.people = people_by_name(partners.people)
        self.towns = frozenset(word for words in partners.addresses for word in words)
        self.beside = {
            partner: words | self.towns | PLACE_WORDS for partner, words in partners.known.items()
        }
        self.by_first: dict[str, list[Form]] = defaultdict(list)
        self.by_set: dict[frozenset[str], list[Form]] = defaultdict(list)
        for form in partners.forms:
            self.by_first[form.words[0]].append(form)
            if form.rule == "normalised" and len(form.words) > 1:
                self.by_set[frozenset(form.words)].append(form)
        self.near = Near({}, 0, 0)

    def find(self, words: Words) -> list[Candidate]:
        """All candidates in one text, the weightiest first."""
        found = [
            *self._exact(words),
            *self._alike(words),
            *find_physicians(words, self.people, self.beside),
        ]
        if len(found) > 1:
            found.sort(key=lambda c: (*(-w for w in c.weight), c.start, c.partner))
        return found

    def _exact(self, words: Words) -> Iterator[Candidate]:
        """Spans that are a form word by word; a whole text also in another order."""
        size = len(words.words)
        for form in self.by_set.get(frozenset(words.words), ()):
            if len(form.words) == size and form.words != words.words:
                doubt = "" if form.telling > 1 else "the words may be a description"
                yield Candidate(0, size, form.partner, form.rule, REORDERED, form, doubt)
        for start, word in enumerate(words.words):
            for form in self.by_first.get(word, ()):
                end = start + len(form.words)
                if words.words[start:end] == form.words and _stands(form, words, start, end):
                    doubt = form.doubt or self._doubt(form, words, start, end)
                    score = SCORES[form.rule]
                    yield Candidate(start, end, form.partner, form.rule, score, form, doubt)

    def _alike(self, words: Words) -> Iterator[Candidate]:
        """Spans that are nearly a form."""
        if not self.near.forms:
            return
        spans = windows(words, most_words=self.near.most_words, longest=self.near.longest)
        for start, end, joined in spans:
            for form, edits in self.near.forms.get(joined, ()):
                span = words.words[start:end]
                alone = len(form.words) > 1 or _whole_part(words, start, end)
                if span == form.words or not alone:
                    continue
                grade = judge_slip(span, form.words, edits=edits)
                if grade == "other":
                    continue
                near = grade == "doubtful" or _may_be_another(span, form)
                doubt = "nearly the name" if near and edits else form.doubt
                doubt = doubt or self._doubt(form, words, start, end)
                score = round(92.0 * (1 - edits / len(form.joined)), 1)
                rule = "fuzzy" if edits else "normalised"
                yield Candidate(start, end, form.partner, rule, score, form, doubt)

    def _doubt(self, form: Form, words: Words, start: int, end: int) -> str:
        """Why a span may mean somebody else: the words beside it."""
        own = self.partners.known[form.partner]
        before, after = _beside(words, start, end)
        safe = len(form.words) >= SAFE_WORDS and form.telling > 1 and form.rule != "short name"
        others = NOT_HOSTED if safe else ORGANISATIONS
        if any(w in others and w not in own for w in after):
            return "another organisation may be meant"
        if before in OTHER_PLACE and before not in own:
            return "another organisation may be meant"
        if len(form.words) == 1:
            return _doubt_single(form, words, start, before, after[:1])
        strange = [word for word in after if word not in own][:1]
        for word in (before, *strange):
            known = word in own or word in self.towns
            if word and not known and not _is_aside(word, words):
                return "part of another name may be meant"
        return ""


def _may_be_another(span: tuple[str, ...], form: Form) -> bool:
    """Whether a slip in the one word that tells the partner may make another name of it.

    So may another letter in a name of one word, and any slip in a short word that alone tells it.
    """
    if sum(word not in GENERIC | ORGANISATIONS for word in form.words) > 1:
        return False
    if len(form.words) == 1:
        exchanged = sorted(span[0]) == sorted(form.joined)
        return len(span) == 1 and len(span[0]) == len(form.joined) and not exchanged
    if len(span) != len(form.words):
        return False
    pairs = zip(span, form.words, strict=True)
    wrong = [(one, other) for one, other in pairs if undoubled(one) != undoubled(other)]
    return any(len(other) <= SHORT_WORD and other not in GENERIC for _, other in wrong)


def _stands(form: Form, words: Words, start: int, end: int) -> bool:
    """Whether a form may be found here at all."""
    if form.rule == "initials" or form.is_generic or len(form.joined) < SHORTEST:
        return _whole_part(words, start, end)
    if form.acronym:
        return words.shouted[start] or _whole_part(words, start, end)
    return True


def _doubt_single(form: Form, words: Words, start: int, before: str, after: list[str]) -> str:
    """Why a single word may mean something else beside these words."""
    if before in TITLES:
        return "a person may be meant"
    if before == "by" and (start < 2 or words.words[start - 2] not in REFERRED):
        return "the owner of another name may be meant"
    if form.acronym and (before.isdigit() or _all_shouted(words)):
        strange = [w for w in (before, *after) if w and (before.isdigit() or not _is_link(w))]
    else:
        strange = [w for w in (before, *after) if w and not _is_aside(w, words)]
    return "a single word beside others" if strange else ""


def _all_shouted(words: Words) -> bool:
    """Whether the text is in capitals throughout, so that they tell no acronym."""
    return all(words.shouted[i] for i, word in enumerate(words.words) if word.isalpha())


def _whole_part(words: Words, start: int, end: int) -> bool:
    """Whether the span is all that its part of the text holds."""
    before = start == 0 or words.parts[start - 1] != words.parts[start] or words.joined[start]
    after = end == len(words.words) or words.parts[end] != words.parts[end - 1] or words.joined[end]
    return before and after


def _beside(words: Words, start: int, end: int) -> tuple[str, list[str]]:
    """The word before a span, and those after it up to one that ends a name."""
    before = ""
    if start and words.parts[start - 1] == words.parts[start] and not words.joined[start]:
        before = words.words[start - 1]
    after: list[str] = []
    for place in range(end, len(words.words)):
        word = words.words[place]
        if words.parts[place] != words.parts[start] or words.joined[place] or word in LINKS:
            break
        after.append(word)
    return before, after


def _is_link(word: str) -> bool:
    """Whether a word beside a name says nothing about who is meant."""
    return word in LINKS or word in LABEL_OF or word.isdigit() or len(word) == 1


def _is_aside(word: str, words: Words) -> bool:
    """Whether a word beside a name is no part of one: a link, or staff initials in capitals."""
    initials = len(word) <= 3 and words.shouted[words.words.index(word)] and not _all_shouted(words)
    return _is_link(word) or initials
