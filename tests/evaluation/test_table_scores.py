"""Scores of tables, each on rows of which it is known what it must say; and what is made without a network."""

import numpy as np
import pytest

from gan_core.data.columns import category, decoded, encoded, number
from gan_core.errors import BadInput, Stopped
from gan_core.evaluation import baselines, score_names, scoring
from gan_core.evaluation.association import associations
from gan_core.evaluation.metrics import closest_record, columns, dependence, detection, dimension_probability, \
    learned_from_rows
from gan_core.evaluation.metrics.base import Tables

N = 600


def people(n=N, seed=0):
    """Height and weight that go together, a number apart from both, and who is tall."""
    rng = np.random.default_rng(seed)
    height = rng.normal(170, 10, n)
    weight = height - 100 + rng.normal(0, 4, n)
    return [height, weight, rng.integers(0, 60, n), np.where(height > 172, "tall", "short").astype(object),
            rng.choice(["a", "b", "c"], n, p=[0.7, 0.2, 0.1]).astype(object)]


HEADER = (number("height", people()[0]), number("weight", people()[1]), number("age", people()[2], 0),
          category("size", ["short", "tall"]), category("letter", ["a", "b", "c"]))


def rows(values):
    return encoded(HEADER, values)


def tables(fake, **others):
    return Tables(HEADER, rows(people()), rows(fake), rows(people(seed=2)), **others)


def shuffled(values, seed=5):
    """Each column by itself."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(these) for these in values]


def test_columns_apart_and_together():
    same = columns.measure(tables(people(seed=1)))
    assert max(same.values()) < 0.1 and same.keys() == {"column_distance", "ks", "tv"}
    other = people(seed=1)
    other[2], other[4] = other[2] + 1000, np.full(N, "c", object)  # cut to the ages that there are: all are the highest
    found = columns.measure(tables(other))
    assert found["ks"] == pytest.approx(1 / 3, abs=0.05) and found["tv"] == pytest.approx(0.9 / 2, abs=0.05)
    assert found["column_distance"] == pytest.approx((3 * found["ks"] + 2 * found["tv"]) / 5)


@pytest.mark.parametrize("one, other, distance", [("aabb", "aabb", 0.0), ("aabb", "abbb", 0.25), ("aa", "bb", 1.0)])
def test_the_total_variation_of_names(one, other, distance):
    assert columns.category_distance(np.array(list(one), object), np.array(list(other), object)) == distance


def test_dependence_is_seen_where_each_column_is_right():
    same, apart = (dependence.measure(tables(values)) for values in (people(seed=1), shuffled(people())))
    assert columns.measure(tables(shuffled(people())))["column_distance"] == 0
    assert same["correlation"] > 0.95 > 0.9 > apart["correlation"]
    assert same["contingency"] > 0.9 > apart["contingency"] + 0.05


def test_correlation_similarity_is_the_mean_of_what_is_right():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5000, 1))
    together, against = np.hstack([x, x]), np.hstack([x, -x])
    assert dependence.correlation_similarity(together, together) == 1.0
    assert dependence.correlation_similarity(together, against) == pytest.approx(0.0)
    assert dependence.correlation_similarity(together * 1e200, together) == pytest.approx(1.0), "whatever the unit"


def test_contingency_similarity_by_hand():
    real, fake = [np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1])], [np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])]
    assert dependence.contingency_similarity(real, real) == 1.0
    assert dependence.contingency_similarity(real, fake) == 0.5


def test_rows_are_told_from_real_ones_where_they_are_others():
    same, apart = (detection.measure(tables(values))["detection_auc"] for values in (people(seed=1), shuffled(people())))
    assert abs(same - 0.5) < 0.08 and apart > 0.8


def test_the_closest_record_of_a_copy_is_at_0():
    assert closest_record.measure(tables(people()))["closest_record"] == 0.0
    fresh = closest_record.measure(tables(people(seed=1)))["closest_record"]
    assert fresh == pytest.approx(closest_record.measure(tables(people(seed=2)))["closest_record"], rel=0.2) and fresh > 0.05
    other = people()
    other[4] = np.roll(other[4], 1)
    assert closest_record.measure(tables(other))["closest_record"] <= 1.0, "a category that differs counts as one"


def test_what_rows_teach():
    """Who is tall follows from the height; of shuffled rows nothing can be learned."""
    columns_but_letter = HEADER[:4]

    def of(values):
        return Tables(columns_but_letter, *(encoded(columns_but_letter, each[:4]) for each in (people(), values,
                                                                                                people(seed=2))))
    assert of(people()).columns[of(people()).target].name == "size"
    right, wrong = (learned_from_rows.measure(of(values))["tstr"] for values in (people(seed=1), shuffled(people())))
    assert right > 0.97 and wrong < 0.65
    floor = learned_from_rows.floor(of(shuffled(people())))
    assert floor["trtr"] == floor["tstr_floor"] > 0.97
    one_kind = people(seed=1)
    one_kind[3] = np.full(N, "tall", object)
    assert learned_from_rows.measure(of(one_kind))["tstr"] == 0.0


def test_a_number_is_told_where_no_names_are():
    header = HEADER[:2]
    found = Tables(header, *(encoded(header, each[:2]) for each in (people(), people(seed=1), people(seed=2))))
    assert learned_from_rows.measure(found)["tstr"] > 0.75  # R2 of the weight


def test_the_target_is_the_last_column_of_few_names():
    many = category("name", [f"person {index}" for index in range(60)])
    header = (HEADER[3], HEADER[0], many)
    values = [np.array(["tall"] * 3, object), np.arange(3.0) + 170, np.array(["person 1"] * 3, object)]
    assert Tables(header, *[encoded(header, values)] * 3).target == 0


# What is made without a network


@pytest.mark.parametrize("method", baselines.METHODS)
def test_baselines_have_the_columns_as_they_are(method):
    made = baselines.METHODS[method][1](HEADER, decoded(HEADER, rows(people())), 2000, 0)
    found = columns.measure(Tables(HEADER, rows(people()), rows(made), rows(people())))
    assert found["column_distance"] < 0.05
    again = baselines.METHODS[method][1](HEADER, decoded(HEADER, rows(people())), 2000, 0)
    assert all((one == other).all() for one, other in zip(made, again))
    other = baselines.METHODS[method][1](HEADER, decoded(HEADER, rows(people())), 2000, 1)
    assert not (made[0] == other[0]).all()


def test_a_copula_keeps_what_goes_together_and_independent_columns_do_not():
    values = decoded(HEADER, rows(people()))
    independent, copula = (method(HEADER, values, 2000, 0) for _, method in baselines.METHODS.values())
    assert abs(np.corrcoef(independent[0], independent[1])[0, 1]) < 0.1
    assert np.corrcoef(copula[0], copula[1])[0, 1] == pytest.approx(np.corrcoef(values[0], values[1])[0, 1], abs=0.05)
    tall = copula[0][copula[3] == "tall"].mean() - copula[0][copula[3] == "short"].mean()
    assert tall > 5, "names, too"
    assert set(copula[2]) <= set(values[2]), "whole numbers that there were"


def test_a_copula_of_one_column_and_of_one_value():
    header = (number("only", [3.0, 3.0]),)
    made = baselines.copula(header, [np.array([3.0, 3.0])], 5, 0)
    assert (made[0] == 3.0).all() and len(made) == 1


# All together


def test_a_table_is_scored_beside_real_rows_and_what_needs_no_network():
    found = scoring.score_table(HEADER, rows(people()), rows(people(seed=1)), rows(people(seed=2)))
    keys = {"column_distance", "ks", "tv", "correlation", "contingency", "detection_auc", "closest_record", "tstr"}
    assert {key + suffix for key in keys for suffix in ("", "_floor", "_independent", "_copula")} <= found.keys()
    assert found["trtr"] == found["tstr_floor"] and found["target"] == "letter"
    assert found["correlation"] > found["correlation_independent"] + 0.05
    assert all(np.isfinite(value) for key, value in found.items() if key != "target")


def test_while_it_trains_nothing_is_taught():
    found = scoring.score_table(HEADER, rows(people()), rows(people(seed=1)), live=True)
    assert not {"tstr", "detection_auc", "column_distance_copula", "target"} & found.keys()
    assert {"column_distance", "column_distance_floor", "correlation", "closest_record_floor"} <= found.keys()


def test_scoring_stops_when_it_is_asked():
    told = []
    with pytest.raises(Stopped):
        scoring.score_table(HEADER, rows(people()), rows(people()), rows(people()), should_stop=lambda: len(told) > 2,
                            progress=lambda share, what: told.append((share, what)))
    assert told == sorted(told) and "columns of a table" in told[0][1]


# Privacy


def scored(fake, unseen=N, **others):
    return closest_record.measure(tables(fake, unseen=unseen, **others))


def test_rows_that_were_learned_lie_nearer_and_that_is_said():
    rng = np.random.default_rng(3)
    near = [column + 0.01 * column.std() * rng.standard_normal(N) for column in people()[:3]] + people()[3:]
    found = [scored(values) for values in (people(), near, people(seed=1), shuffled(people()))]
    again, close, fresh, far = found
    assert again["nearer_record"] == 1.0 == again["copied_rows"]
    assert close["nearer_record"] > 0.9 > 0.1 > close["copied_rows"]
    assert fresh["nearer_record"] == pytest.approx(0.5, abs=0.04) and fresh["copied_rows"] == 0.0
    assert far["nearer_record"] < 0.4
    said = [closest_record.words(values) for values in found]
    assert all("nearer to the rows that were learned than held-out" in words for words in said[:2])
    assert "as near to the rows that were learned as held-out rows do" in said[2] and "is no proof" in said[2]
    assert "farther" in said[3] and "100.0 % are rows that were learned" in said[0]
    assert all(words in score_names.in_words(values) for words, values in zip(said, found))


def test_without_rows_that_were_kept_from_training_nothing_is_said_of_privacy():
    found = scored(people(), unseen=0)
    assert "nearer_record" not in found and "Of privacy nothing can be said" in closest_record.words(found)
    assert closest_record.words({"closest_record": 0.4}) == "", "scores of before"


@pytest.mark.parametrize("away, others, share", [([1, 2], [3, 4], 1.0), ([3, 4], [1, 2], 0.0), ([1, 1], [1, 1], 0.5),
                                                 ([1, 3], [2, 2], 0.5)])
def test_how_often_one_distance_is_less_than_another(away, others, share):
    assert closest_record.nearer(np.array(away, float), np.array(others, float)) == share


# Categories as frequent


def test_dimension_wise_probability_by_hand():
    real, fake = np.eye(4)[[0, 0, 0, 1, 1, 2]], np.eye(4)[[0, 0, 0, 1, 1, 2]]
    assert dimension_probability.correlation(real, fake) == pytest.approx(1.0)
    assert dimension_probability.correlation(real, fake[:, ::-1]) < 0
    assert dimension_probability.correlation(np.eye(4), real) is None, "all are as frequent"
    same, other = people(seed=1), people(seed=1)
    other[4] = np.full(N, "c", object)
    same, other = (dimension_probability.measure(tables(values))["dimension_probability"] for values in (same, other))
    assert same > 0.95 > other


# What is missing

SOME = (number("height", [*people()[0], np.nan], missing=""), number("weight", people()[1]), HEADER[3])


def lacking(share, seed=0):
    height, weight, _, size, _ = people(seed=seed)
    return [np.where(np.random.default_rng(seed).random(N) < share, np.nan, height), weight, size]


def of_some(values, **others):
    return Tables(SOME, *(encoded(SOME, each) for each in (lacking(0.3), values, lacking(0.3, seed=2))), **others)


def test_how_much_is_missing_is_a_distance_and_what_is_known_goes_together():
    same, more = (columns.measure(of_some(lacking(share, seed=1))) for share in (0.3, 0.9))
    assert same["ks"] < 0.1 and more["ks"] == pytest.approx(0.3, abs=0.06), "a mean of 0.6 and 0"
    values = lacking(0.3, seed=1)
    apart = [np.random.default_rng(0).permutation(values[0]), *values[1:]]
    one, other = (dependence.measure(of_some(each)) for each in (values, apart))
    assert one["correlation"] > 0.97 > 0.8 > other["correlation"] and one["contingency"] > other["contingency"] + 0.1
    known = ~np.isnan(values[0])
    assert dependence.correlations(np.stack(values[:2], axis=1))[0, 1] == pytest.approx(
        np.corrcoef(values[0][known], values[1][known])[0, 1])


@pytest.mark.parametrize("method", baselines.METHODS)
def test_baselines_lack_as_much_as_the_data_do(method):
    made = baselines.METHODS[method][1](SOME, decoded(SOME, encoded(SOME, lacking(0.3))), 2000, 0)
    assert np.isnan(made[0]).mean() == pytest.approx(0.3, abs=0.05) and not np.isnan(made[1]).any()
    assert encoded(SOME, made).shape == (2000, 6)


def test_a_number_that_is_missing_teaches_nothing_and_answers_nothing():
    found = of_some(lacking(0.3, seed=1), wanted="height")
    assert found.target_name == "height" and learned_from_rows.measure(found)["tstr"] > 0.6


# Targets


def test_the_target_is_chosen_or_the_class_where_there_is_one():
    values, labels = people(), np.where(people()[0] > 170, "high", "low").astype(object)
    of = {"labels": (labels, np.where(people(seed=1)[0] > 170, "high", "low").astype(object),
                     np.where(people(seed=2)[0] > 170, "high", "low").astype(object))}
    assert tables(values).target_name == "letter" and tables(values, wanted="weight").target_name == "weight"
    assert tables(values, **of).target_name == "class" and tables(values, wanted="size", **of).target_name == "size"
    assert learned_from_rows.measure(tables(people(seed=1), **of))["tstr"] > 0.9
    found = scoring.score_table(HEADER, rows(values), rows(people(seed=1)), rows(people(seed=2)), **of)
    assert found["target"] == "class" and found["trtr"] > 0.9 and found["tstr_independent"] < found["tstr_copula"]


@pytest.mark.parametrize("wanted, says", [("nobody", "There is no column 'nobody'"), ("same", "one value in all rows"),
                                          ("one", "one value in all rows")])
def test_a_target_that_cannot_be_told_is_a_sentence(wanted, says):
    header = (*HEADER[:2], number("same", [3.0, 3.0]), category("one", ["a", "a"]))
    with pytest.raises(BadInput) as refused:
        scoring.check_target(header, wanted)
    assert says in str(refused.value) and str(refused.value).endswith(".")
    with pytest.raises(BadInput, match="the only column"):
        scoring.check_target(HEADER[:1], "height")


def test_where_nothing_can_be_told_there_is_no_such_score():
    header = (number("same", [3.0, 3.0]), number("too", [1.0, 1.0]))
    found = scoring.score_table(header, *[encoded(header, [np.full(40, 3.0), np.full(40, 1.0)])] * 3)
    assert not {"target", "tstr", "trtr"} & found.keys()


# How columns go together


def test_associations_of_all_that_columns_hold():
    found = associations(HEADER, decoded(HEADER, rows(people())))
    assert np.allclose(np.diag(found), 1) and np.allclose(found, found.T)
    names = [column.name for column in HEADER]
    of = {(one, other): found[names.index(one), names.index(other)] for one in names for other in names}
    assert of["height", "weight"] > 0.9 and of["height", "size"] > 0.7 and of["weight", "size"] > 0.6
    assert max(abs(of["age", "letter"]), of["size", "letter"], abs(of["age", "height"])) < 0.15
    same = [column.astype(str) for column in (people()[3], people()[3])]
    assert associations((HEADER[3], HEADER[3]), same)[0, 1] == pytest.approx(1.0)
