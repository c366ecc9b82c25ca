"""What people call the parts of a set: for training, for tests, for validation."""

import re

TRAIN, TEST, VALIDATION = "train", "test", "validation"
# Of a folder's name the letters alone, in small ones.
SPLITS = {word: split for split, words in {
    TRAIN: ("train", "training", "trn", "trains", "trainset", "trainingset", "trainval", "trainvalset", "训练集", "训练"),
    TEST: ("test", "tests", "testing", "tst", "testset", "testingset", "eval", "evals", "evaluation", "evaluate", "evalset",
           "evaluationset", "holdout", "heldout", "publictest", "privatetest", "测试集",
           "测试"),
    VALIDATION: ("val", "vals", "valid", "validation", "validate", "vali", "valset", "validset", "validationset", "dev",
                 "devset", "development", "developmentset", "验证集", "验证")}.items() for word in words}
SHORT = {"tr": TRAIN, "te": TEST, "ts": TEST, "cv": VALIDATION, "vl": VALIDATION}  # where nothing else lies beside them


def squeezed(name) -> str:
    """The letters and digits of a name alone, in small ones: hold-out and HOLD_OUT are one."""
    return re.sub(r"[\W_]+", "", str(name).lower())
