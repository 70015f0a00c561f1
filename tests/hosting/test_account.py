"""SearchAccount: the one account that every host keeps of its search."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from subsel_automl.core.errors import BadInput, UnknownName
from subsel_automl.core.ledger import AmortizationLedger
from subsel_automl.core.plan import SubsetPlan
from subsel_automl.hosting.account import SearchAccount
from subsel_automl.hosting.bill import facts_of, plain
from subsel_automl.hosting.session import SubsetSession
from subsel_automl.selectors.random import Random
from subsel_automl.worlds import clump_pool

POOL = clump_pool(60)


def trial(account, name, value, **options):
    with SubsetSession(SubsetPlan(Random().fit(POOL), 20).feed()) as subset:
        list(subset.loader())
        account.charge(subset, name, "1", value=value, metric="accuracy", **options)


def test_a_loop_of_ones_own_gets_the_summary_that_every_host_gets():
    account = SearchAccount("mine", host="a loop")
    account.prepared(Random().fit(POOL))
    trial(account, "a", 0.5, config={"lr": 0.1})
    trial(account, "b", 0.7, config={"lr": 0.2}, state="complete")
    summary = account.summary()
    assert (summary.search, summary.host, summary.trials) == ("mine", "a loop", 2)
    assert (summary.examples, summary.subset_size, summary.pool_size) == (40, 20, 60)
    assert summary.winner.config == {"lr": 0.2}
    assert summary.states == {"complete": 1}
    assert summary.spent["preparation"].wall > 0
    assert summary.full.wall > summary.spent["training"].wall


def test_a_file_is_shared_with_a_copy_that_travelled(tmp_path):
    account = SearchAccount("mine", tmp_path / "ledger")
    trial(account, "a", 0.5)
    trial(pickle.loads(pickle.dumps(account)), "b", 0.7)
    assert account.summary().trials == 2
    account.close()
    assert account.summary().trials == 2


def test_a_copy_of_an_account_in_memory_begins_empty():
    account = SearchAccount("mine")
    trial(account, "a", 0.5)
    assert pickle.loads(pickle.dumps(account)).summary().trials == 0


def test_the_same_charge_counts_once():
    account = SearchAccount()
    bill = SubsetSession(SubsetPlan(Random().fit(POOL), 20).feed()).bill()
    for _ in range(2):
        account.charge({**bill, "train_seconds": 2.0, "examples": 20}, "a", "1")
    assert account.ledger.totals()["TRAIN"]["wall"] == 2.0
    assert account.summary().examples == 20


def test_two_searches_share_a_file_and_what_was_prepared(tmp_path):
    path, chooser = tmp_path / "ledger", Random().fit(POOL)
    for name in ("one", "two"):
        account = SearchAccount(name, path)
        account.prepared(chooser)
        trial(account, "a", 0.5)
    assert account.summary().search == "two"
    assert AmortizationLedger(path).totals()["FIT_SAMPLER"]["count"] == 1


def test_a_search_that_charged_nothing_is_not_taken_for_another(tmp_path):
    trial(SearchAccount("one", tmp_path / "ledger"), "a", 0.5)
    with pytest.raises(UnknownName, match="'two'"):
        SearchAccount("two", tmp_path / "ledger").summary()


def test_an_end_that_is_told_later_is_kept():
    account = SearchAccount()
    trial(account, "a", 0.5)
    account.ended("a", "failed")
    account.ended("a", "failed")
    assert account.summary().states == {"failed": 1}


def test_unusable_words_are_refused():
    with pytest.raises(UnknownName, match="mode"):
        trial(SearchAccount(), "a", 0.5, mode="most")
    with pytest.raises(BadInput, match="name"):
        SearchAccount("")


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.int64(3), 3),
        (float("nan"), None),
        ((1, "a"), [1, "a"]),
        ({"lr": {"x": 1}}, {"lr": {"x": 1}}),
        (complex(1, 2), "(1+2j)"),
    ],
)
def test_a_configuration_is_kept_in_plain_values(value, kept):
    found = plain(value)
    assert found == kept
    assert type(found) is type(kept)


def test_what_became_of_the_classes_is_one_line():
    plan = SubsetPlan(Random().fit(POOL), 2)
    feed = plan.feed()
    assert facts_of(feed, 2)["classes"] == ""
    feed.at(0, None)
    assert facts_of(feed, 2)["classes"].startswith("none in the subset of ")
