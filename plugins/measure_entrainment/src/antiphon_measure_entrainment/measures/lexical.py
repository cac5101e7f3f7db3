"""Lexical entrainment: whether two people use the same words, as counted in the texts, without a language model.

Everything is compared with what other people would have said: over the whole dialogue with partners from other
dialogues, from turn to turn with other turns of the same partner. The first comparison sees a common topic as well as
entrainment, the second one keeps the topic.

Long texts share more words than short ones. So the measures of whole dialogues are what samples of equally many words
share, whose expectation does not depend on how long the dialogues are.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from attrs import frozen
from scipy import sparse
from scipy.special import gammaln

from antiphon_measure_entrainment.statistics.effect import Effect, not_computable
from antiphon_measure_entrainment.statistics.inference import Floats, Ints, paired_effect, permutation_p, weighted_mean
from antiphon_measure_entrainment.statistics.pairs import Pairs
from antiphon_measure_entrainment.turns.exchanges import checked, exchanges
from antiphon_measure_entrainment.turns.words import words

SAMPLE = 100
"""Words of each speaker's sample, if all speakers say that many; see `lexical`."""
MOST_FREQUENT = 25
"""Words that are compared by frequency, as Nenkova et al. compare them."""
LEAST_REPLIES = 4
ROWS = 512
"""Conversations whose distances to all others are held at once."""


@frozen(eq=False)
class Counts:
    """How often each speaker of the dialogues of two says each word: [C, V] sparse, of the first and of the second."""

    conversations: list[object]
    first: sparse.csr_matrix
    second: sparse.csr_matrix


def lexical(
    turns: pd.DataFrame,
    *,
    sample: int = SAMPLE,
    most_frequent: int = MOST_FREQUENT,
    permutations: int = 1000,
    seed: int = 0,
) -> list[Effect]:
    """Three effects, on the column ``text`` of dialogues of two.

    - ``lexical_frequent_words``: −Σ_w |c_A(w) − c_B(w)| / n over the `most_frequent` words of the corpus, in samples of
      n = `sample` words of each speaker (Nenkova, Gravano & Hirschberg 2008 with equally long texts), minus the mean
      of the same with partners of other dialogues. p: partners dealt anew, two-sided.
    - ``lexical_shared_vocabulary``: the expected number of different words that occur in both samples of n words
      (rarefaction, Hurlbert 1971), minus the mean of the same with partners of other dialogues. p: as above.
    - ``lexical_repetition``: the probability that a word drawn from a reply is one drawn from the turn before it,
      Σ_w f_x(w) f_y(w), minus its mean with the other turns of the same partner that are not adjacent to the reply;
      over dialogues with four exchanges. Its expectation does not depend on how long the turns are. p: the same
      probability with one speaker shifted against the other, two-sided.

    Speakers with fewer words than `sample` leave the first two; where more than half of the dialogues would, the
    sample is as long as the median dialogue's less talkative speaker allows, but no less than ten words.
    """
    whole = "lexical_frequent_words", "lexical_shared_vocabulary"
    names = *whole, "lexical_repetition"
    if "text" not in turns.columns:
        return [not_computable(name, "text", "the table has no column text") for name in names]
    said = checked(turns, []).assign(words=lambda table: table["text"].map(words))
    said = said[said.groupby("conversation")["speaker"].transform("nunique") == 2]
    if said.empty:
        return [not_computable(name, "text", "no conversation has exactly two speakers") for name in names]
    counts = word_counts(said)
    effects = _of_dialogues(whole, counts, sample, most_frequent, permutations, seed)
    return [*effects, _repetition(said, permutations, seed)]


def word_counts(said: pd.DataFrame) -> Counts:
    """The counts of a table of dialogues of two with a column ``words`` (lists)."""
    conversation = pd.factorize(said["conversation"])
    order = said.groupby("conversation", sort=False)["speaker"].transform(lambda names: pd.factorize(names)[0])
    side = order.to_numpy().astype(np.intp)
    lengths = said["words"].map(len).to_numpy()
    word = pd.factorize(np.array([w for turn in said["words"] for w in turn], dtype=object))
    shape = len(conversation[1]), max(len(word[1]), 1)
    row, of = np.repeat(conversation[0], lengths), np.repeat(side, lengths)
    tables = [
        sparse.csr_matrix((np.ones((of == each).sum()), (row[of == each], word[0][of == each])), shape=shape)
        for each in (0, 1)
    ]
    return Counts(list(conversation[1]), *tables)


def presence(counts: sparse.csr_matrix, sample: int) -> sparse.csr_matrix:
    """[C, V] the probability that a word occurs among `sample` words drawn without replacement from all of a speaker's.

    1 − (N−c choose n) / (N choose n); rows with fewer than n words have no meaning.
    """
    result = counts.copy().astype(float)
    total = np.repeat(np.asarray(counts.sum(axis=1)).ravel(), np.diff(counts.indptr))
    rest = total - counts.data
    enough = rest >= sample
    log_none = np.where(
        enough,
        gammaln(rest + 1)
        - gammaln(np.maximum(rest - sample, 0) + 1)
        - gammaln(total + 1)
        + gammaln(np.maximum(total - sample, 0) + 1),
        -np.inf,
    )
    result.data = -np.expm1(log_none)
    return result


def _of_dialogues(
    names: tuple[str, str], counts: Counts, sample: int, most_frequent: int, permutations: int, seed: int
) -> list[Effect]:
    least = np.minimum(*(np.asarray(side.sum(axis=1)).ravel() for side in (counts.first, counts.second)))
    sample = int(max(10, min(sample, np.median(least))))
    kept = np.flatnonzero(least >= sample)
    if kept.size < 2:
        why = f"fewer than two dialogues in which both say {sample} words"
        return [not_computable(name, "text", why, conversations=int(kept.size)) for name in names]
    first, second = counts.first[kept], counts.second[kept]
    note = f"{sample} words of each speaker"
    if kept.size < least.size:
        note += f"; {least.size - kept.size} dialogues with fewer left out"
    frequent = np.argsort(-np.asarray(first.sum(axis=0) + second.sum(axis=0)).ravel(), kind="stable")[:most_frequent]
    rng = np.random.default_rng(seed)
    sampled = [_sampled(side, sample, frequent, rng) for side in (first, second)]
    shown = [presence(side, sample) for side in (first, second)]

    def frequencies(rows: slice) -> Floats:
        difference = np.zeros((rows.stop - rows.start, kept.size))
        for word in range(frequent.size):
            difference += np.abs(sampled[0][rows, word, None] - sampled[1][None, :, word])
        return -difference / sample

    def vocabulary(rows: slice) -> Floats:
        return np.asarray((shown[0][rows] @ shown[1].T).toarray())

    total = int(first.sum() + second.sum())
    return [
        _against_others(name, likeness, kept.size, total, note, permutations, seed)
        for name, likeness in zip(names, (frequencies, vocabulary), strict=True)
    ]


def _sampled(counts: sparse.csr_matrix, sample: int, chosen: Ints, rng: np.random.Generator) -> Floats:
    """[C, chosen] how often each chosen word is among `sample` words drawn without replacement."""
    own = counts[:, chosen].toarray().astype(np.int64)
    rest = np.asarray(counts.sum(axis=1)).ravel().astype(np.int64) - own.sum(axis=1)
    return np.array(
        [rng.multivariate_hypergeometric([*row, other], sample)[:-1] for row, other in zip(own, rest, strict=True)],
        dtype=float,
    )


def _against_others(
    name: str,
    likeness: Callable[[slice], Floats],
    count: int,
    total: int,
    note: str,
    permutations: int,
    seed: int,
) -> Effect:
    """The likeness of partners, against that of people from different dialogues.

    `likeness` gives that of the first speakers of the dialogues in a slice with all second speakers.
    """
    rng = np.random.default_rng(seed)
    # All permutations, also those that leave somebody in place: of few dialogues, the others alone reject too often.
    deals = np.array([rng.permutation(count) for _ in range(permutations)])
    own, others, drawn = np.empty(count), np.empty(count), np.zeros(permutations)
    for begin in range(0, count, ROWS):
        rows = slice(begin, min(begin + ROWS, count))
        block, place = likeness(rows), np.arange(rows.start, rows.stop)
        own[rows] = block[place - rows.start, place]
        others[rows] = (block.sum(axis=1) - own[rows]) / (count - 1)
        drawn += block[place - rows.start, deals[:, place]].sum(axis=1)
    difference = own - others
    estimate, low, high = weighted_mean(difference, np.ones(count))
    return Effect(
        measure=name,
        feature="text",
        estimate=estimate,
        low=low,
        high=high,
        effect_size=paired_effect(difference),
        p=permutation_p(float(own.mean()), drawn / count),
        n=total,
        conversations=count,
        null="partners dealt anew",
        note=note,
    )


def _repetition(said: pd.DataFrame, permutations: int, seed: int) -> Effect:
    name = "lexical_repetition"
    rows = np.arange(len(said), dtype=float)
    rows[said["words"].map(len).to_numpy() == 0] = np.nan
    pairs = Pairs.of(exchanges(said.assign(row=rows), ["row"]), "row", LEAST_REPLIES)
    if pairs is None:
        return not_computable(name, "text", f"no dialogue has {LEAST_REPLIES} exchanges with words on both sides")
    shares = _shares(said["words"])
    advantage, tables = np.full(pairs.x.size, np.nan), np.empty((1, pairs.x.size))
    for start, size, replies in zip(pairs.group_start, pairs.group_size, pairs.group_replies, strict=True):
        group = slice(start, start + size)
        match = (shares[pairs.y[group].astype(int)] @ shares[pairs.x[group].astype(int)].T).toarray()
        place = np.arange(size)
        if size >= 3:
            # Besides the turn before the reply, the partner's next turn is adjacent to it.
            near = match[place, place] + match[place, (place + 1) % size]
            advantage[group] = match[place, place] - (match.sum(axis=1) - near) / (size - 2)
        moved = (place[:, None] + place) % size
        tables[0, group] = (match[moved, place] if replies else match[place, moved]).sum(axis=1)
    kept = np.isfinite(advantage)
    counts = pairs.sums(kept.astype(float))
    if not kept.any():
        return not_computable(name, "text", "no speaker has three replies")
    means = pairs.sums(np.where(kept, advantage, 0.0))[counts > 0] / counts[counts > 0]
    estimate, low, high = weighted_mean(means, counts[counts > 0])

    def mean(sums: Floats) -> Floats:
        return np.asarray(sums[..., 0, :].sum(axis=-1) / pairs.x.size)

    drawn = pairs.null_of_tables(tables, mean, permutations, seed)
    return Effect(
        measure=name,
        feature="text",
        estimate=estimate,
        low=low,
        high=high,
        effect_size=paired_effect(means),
        p=permutation_p(float(tables[0, pairs.group_start].sum() / pairs.x.size), drawn),
        n=int(kept.sum()),
        conversations=int((counts > 0).sum()),
        null="shift",
    )


def _shares(said: pd.Series) -> sparse.csr_matrix:
    """[T, V] the share of each word in each turn."""
    lengths = said.map(len).to_numpy()
    word = pd.factorize(np.array([each for turn in said for each in turn], dtype=object))
    row = np.repeat(np.arange(len(said)), lengths)
    return sparse.csr_matrix((1.0 / lengths[row], (row, word[0])), shape=(len(said), max(len(word[1]), 1)))
