"""Measures entrainment in open corpora of conversations; writes docs/results/measures.md and its figure.

    python -m benchmarks.open_corpora FOLDER

FOLDER holds a folder for each corpus, with a turns.csv.
"""

from __future__ import annotations

from pathlib import Path

import click
import matplotlib
import numpy as np
import pandas as pd
from antiphon_measure_entrainment import local_synchrony, measure, tidy
from antiphon_measure_entrainment.measures.consistency import history
from antiphon_measure_entrainment.measures.everything import MEASURES

matplotlib.use("Agg")
import matplotlib.pyplot as plt

TEMPLATE = Path(__file__).with_suffix(".template.md")
RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results"
PERMUTATIONS = 1000
LEAST_SYLLABLES = 8
CORPORA = {
    "spjallromur": "Spjallrómur (Icelandic)",
    "naija_nsc": "Naija NSC (Nigerian Pidgin)",
    "rhapsodie": "Rhapsodie (French)",
    "cabnc": "CABNC (British English)",
}
EVIDENCE = ("spjallromur", "naija_nsc", "rhapsodie")
"""Whose times are good enough to conclude from; CABNC's come from aligning noisy cassettes."""
FEATURES = {"rate_syll_per_s": "rate", "pitch_mean_hz": "pitch_mean"}
LOUDNESS = "intensity_mean_db"
VARIANTS = {
    "all": "all turns",
    "long": f"turns of {LEAST_SYLLABLES} syllables or more",
    "controlled": "the same, length regressed out",
}


def corpus(folder: Path, name: str) -> pd.DataFrame:
    """A corpus as a turn table, rate and pitch as natural logarithms."""
    table = pd.read_csv(folder / name / "turns.csv", dtype={"conversation_id": str})
    table = table.rename(columns={"conversation_id": "conversation", "turn_index": "turn"})
    if name == "spjallromur":  # a and b are other people in every call
        table["speaker"] = table["conversation"] + ":" + table["speaker"]
    for column, feature in FEATURES.items():
        if column in table:
            table[feature] = np.log(table[column].where(table[column] > 0))
    if LOUDNESS in table:
        table["intensity_mean"] = table[LOUDNESS]
    return table


def variants(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The table as it is, with long turns alone, and with what turn length explains of the features taken out."""
    long = table[table["n_syllables"] >= LEAST_SYLLABLES]
    controlled = long.copy()
    length = np.log(long["n_syllables"])
    for feature in features(table):
        known = long[feature].notna()
        fit = np.polyfit(length[known], long.loc[known, feature], 2)
        controlled[feature] = long[feature] - np.polyval(fit, length) + long[feature].mean()
    return {"all": table, "long": long, "controlled": controlled}


def features(table: pd.DataFrame) -> list[str]:
    return [name for name in (*FEATURES.values(), "intensity_mean") if name in table]


def sizes(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = []
    for name, table in tables.items():
        two = table[table.groupby("conversation")["speaker"].transform("nunique") == 2]
        rows.append(
            {
                "corpus": CORPORA[name],
                "dialogues of two": two["conversation"].nunique(),
                "turns": len(two),
                f"with {LEAST_SYLLABLES} syllables or more": int((two["n_syllables"] >= LEAST_SYLLABLES).sum()),
                "median seconds": f"{(two['end_s'] - two['start_s']).median():.1f}",
            }
        )
    return pd.DataFrame(rows)


def adjacent(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Local synchrony of every corpus and variant."""
    found = []
    for name, table in tables.items():
        for variant, turns in variants(table).items():
            result = tidy(local_synchrony(turns, features(turns), permutations=PERMUTATIONS))
            found.append(result.assign(corpus=name, variant=variant))
    return pd.concat(found, ignore_index=True)


def share_of_own_history(table: pd.DataFrame, feature: str) -> float:
    """R² of a speaker's own history and the turn's length, in sample; what the partner's gain is to be seen beside."""
    rows = history(table, feature)
    design = np.column_stack([np.ones(len(rows)), rows[["own_last", "own_mean", "length"]]])
    rest = rows["target"] - design @ np.linalg.lstsq(design, rows["target"], rcond=None)[0]
    return float(1 - rest.var() / rows["target"].var())


def everything(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """All measures of the long turns of the corpora that are evidence, corrected over each corpus."""
    found = []
    for name in EVIDENCE:
        turns = variants(tables[name])["long"]
        result = measure(turns, features(turns), measures=MEASURES, permutations=PERMUTATIONS)
        found.append(result.assign(corpus=name))
        click.echo(f"{CORPORA[name]}: {len(result)} effects", err=True)
    return pd.concat(found, ignore_index=True)


def figure(near: pd.DataFrame, all_effects: pd.DataFrame, path: Path) -> None:
    """The correlations of adjacent turns by variant, and the gain in R² by the partner."""
    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    rate = near[near["feature"] == "rate"]
    for offset, variant in enumerate(VARIANTS):
        rows = rate[rate["variant"] == variant].set_index("corpus").reindex(CORPORA)
        place = np.arange(len(rows)) + 0.2 * (offset - 1)
        error = [rows["estimate"] - rows["low"], rows["high"] - rows["estimate"]]
        left.errorbar(rows["estimate"], place, xerr=error, fmt="o", ms=4, label=VARIANTS[variant])
    left.set_yticks(range(len(CORPORA)), list(CORPORA.values()))
    left.set(xlabel="correlation of adjacent turns' rates", title="Short turns and turn length")
    left.legend(fontsize=7, loc="upper center", bbox_to_anchor=(0.4, -0.18), ncols=3)
    gain = all_effects[(all_effects["measure"] == "consistency_delta_r2") & (all_effects["feature"] == "rate")]
    place = np.arange(len(gain))
    right.errorbar(
        gain["estimate"], place, xerr=[gain["estimate"] - gain["low"], gain["high"] - gain["estimate"]], fmt="o"
    )
    right.set_yticks(place, [CORPORA[name].split()[0] for name in gain["corpus"]])
    right.set(xlabel="gain in R² by the partner", title="What the partner adds (rate)")
    for axes in (left, right):
        axes.axvline(0, color="grey", lw=0.8)
        axes.invert_yaxis()
    plt.savefig(path, dpi=90)


def number(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.3f}" if abs(value) >= 0.001 or value == 0 else f"{value:.1e}"
    return str(value)


def markdown(table: pd.DataFrame) -> str:
    lines = [table.columns, ["---"] * table.shape[1], *([number(value) for value in row] for row in table.to_numpy())]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def shown(effects: pd.DataFrame) -> pd.DataFrame:
    table = effects.assign(
        interval=[
            "" if np.isnan(row.low) else f"{number(row.low)} to {number(row.high)}" for row in effects.itertuples()
        ]
    )
    table["corpus"] = table["corpus"].map(lambda name: CORPORA[name].split()[0])
    names = ["corpus", "feature", "measure", "estimate", "interval", "effect_size", "p", "q", "n", "conversations"]
    return table[[name for name in names if name in table]].rename(
        columns={"interval": "95 % interval", "effect_size": "effect", "conversations": "dialogues"}
    )


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Measure the corpora in FOLDER and write the page."""
    tables = {name: corpus(folder, name) for name in CORPORA}
    near, found = adjacent(tables), everything(tables)
    figure(near, found, RESULTS / "measures.png")
    by_variant = near.assign(variant=near["variant"].map(VARIANTS))
    own = pd.DataFrame(
        [
            {
                "corpus": CORPORA[name],
                "feature": feature,
                "R² of own history and length": share_of_own_history(variants(tables[name])["long"], feature),
            }
            for name in EVIDENCE
            for feature in features(tables[name])
        ]
    )
    # Loudness is that of a recording: two people in one are alike in it without having listened to each other.
    level = (found["feature"] == "intensity_mean") & found["measure"].isin(
        ["global_proximity", "self_proximity", "knn_proximity"]
    )
    kept = found[~level & found["estimate"].notna()]
    lacking = found[found["estimate"].isna()].drop_duplicates(["corpus", "measure", "feature"])
    columns = ["corpus", "variant", "feature", "estimate", "interval", "p", "n"]
    near_shown = shown(by_variant.assign(measure="")).assign(variant=by_variant["variant"])
    near_shown = near_shown[[name.replace("interval", "95 % interval") for name in columns]]
    template = TEMPLATE.read_text(encoding="utf-8")
    page = template.format(
        sizes=markdown(sizes(tables)),
        adjacent=markdown(near_shown),
        own=markdown(own),
        found=markdown(shown(kept)),
        lacking=markdown(
            lacking.assign(corpus=lacking["corpus"].map(CORPORA))[["corpus", "feature", "measure", "note"]]
        ),
        permutations=PERMUTATIONS,
        least=LEAST_SYLLABLES,
    )
    (RESULTS / "measures.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
