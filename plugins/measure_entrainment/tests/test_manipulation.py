import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from antiphon_measure_entrainment.agents.manipulation import manipulation_check

PROMISED = {"neutral": 0.0, "sham": 0.0, "partial": 0.5, "matching": 1.0, "disentrain": -0.5}


@pytest.fixture
def agents():
    """Agents whose voice is their strategy's request and noise."""
    rng = np.random.default_rng(3)
    tables = []
    for strategy, share in PROMISED.items():
        user, other = rng.normal(size=(2, 200))
        requested = other if strategy == "sham" else share * user
        tables.append(
            pd.DataFrame(
                {
                    "conversation": [f"{strategy}{i // 20}" for i in range(200)],
                    "strategy": strategy,
                    "feature": "rate",
                    "requested": requested,
                    "realised": 0.1 + requested + 0.2 * rng.normal(size=200),
                    "user": user,
                }
            )
        )
    return pd.concat(tables)


def test_strategies_rank_as_their_definitions_say(agents):
    found = manipulation_check(agents, PROMISED)
    of_user = found[found["on"] == "user"].set_index("strategy")
    for strategy, share in PROMISED.items():
        assert of_user["low"][strategy] - 0.1 < share < of_user["high"][strategy] + 0.1
        assert of_user["promised"][strategy] == share
    order = ["disentrain", "partial", "matching"]
    assert of_user["slope"][order].is_monotonic_increasing
    of_request = found[(found["on"] == "requested") & (found["strategy"] != "neutral")]
    assert of_request["slope"].to_numpy() == pytest.approx(1, abs=0.1)
    assert (of_request["p_zero"] < 1e-6).all()


def test_what_a_neutral_agent_asks_for_never_varies(agents):
    found = manipulation_check(agents).set_index(["strategy", "on"]).loc[("neutral", "requested")]
    assert found["note"] == "not computable: the values of requested are constant"


def test_intervals_are_those_of_clusters(agents):
    partial = agents[agents["strategy"] == "partial"]
    fit = smf.ols("realised ~ user", partial).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(partial["conversation"])[0]}, use_t=True
    )
    found = manipulation_check(partial, PROMISED).set_index("on").loc["user"]
    assert (found["low"], found["high"]) == pytest.approx(tuple(fit.conf_int().loc["user"]))
    assert found["p_promised"] == pytest.approx(float(fit.t_test("user = 0.5").pvalue))
    assert found["r"] == pytest.approx(np.corrcoef(partial["user"], partial["realised"])[0, 1])


def test_one_conversation_and_too_few_turns(agents):
    one = agents[agents["conversation"] == "matching0"]
    assert manipulation_check(one)["slope"].notna().all()
    few = manipulation_check(one.head(4))
    assert few["note"].str.contains("4 turns have both values").all()
    assert manipulation_check(agents.head(0)).empty
