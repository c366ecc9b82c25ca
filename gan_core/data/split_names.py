"""What people call the parts of a set: for training, for tests, for validation; in English and in other languages."""

import functools
import re
import unicodedata

TRAIN, TEST, VALIDATION = "train", "test", "validation"


def unaccented(text) -> str:
    """A text without the marks on its letters, such as accents."""
    apart = unicodedata.normalize("NFKD", str(text))
    return unicodedata.normalize("NFC", "".join(letter for letter in apart if unicodedata.category(letter) != "Mn"))


def squeezed(name) -> str:
    """The letters and digits of a name alone, in small ones and without accents: hold-out and HOLD_OUT are one."""
    return re.sub(r"[\W_]+", "", unaccented(name).lower())


# Of a folder's name the letters alone, in small ones.
SPLITS = {squeezed(word): split for split, words in {
    TRAIN: (
        "train", "training", "trn", "trains", "trainset", "trainingset", "trainval", "trainvalset", "trainings",
        "entraînement", "apprentissage", "entrenamiento", "treino", "treinamento", "addestramento", "allenamento",
        "antrenament", "träning", "træning", "trening", "treningowy", "treningowe", "uczenie", "trénink", "trénovací",
        "tréning", "koulutus", "opetus", "eğitim", "pelatihan", "latih", "huấn luyện", "обучение", "обучающая", "обучающие",
        "тренировка", "тренировочная", "трейн", "навчання", "тренування", "εκπαίδευση", "تدريب", "אימון", "प्रशिक्षण",
        "训练集", "训练", "訓練集", "訓練", "訓練用", "学習", "学習用", "トレーニング", "훈련", "훈련용", "학습", "학습용"),
    TEST: (
        "test", "tests", "testing", "tst", "testset", "testingset", "eval", "evals", "evaluation", "evaluate", "evalset",
        "evaluationset", "holdout", "heldout", "publictest", "privatetest", "teste", "testes", "testi", "prueba", "pruebas",
        "prüfung", "testowy", "testowe", "testovací", "testaus", "uji", "pengujian", "kiểm tra", "тест", "тестовая",
        "тестовые", "тестирование", "тестування", "δοκιμή", "اختبار", "בדיקה", "परीक्षण",
        "测试集", "测试", "測試集", "測試", "テスト", "テスト用", "評価", "評価用", "테스트", "테스트용", "시험", "평가"),
    VALIDATION: (
        "val", "vals", "valid", "validation", "validate", "vali", "valset", "validset", "validationset", "dev", "devset",
        "development", "developmentset", "validierung", "validierungs", "validación", "validação", "validazione",
        "validatie", "validare", "validering", "validerings", "validointi", "walidacja", "walidacyjny", "validační",
        "doğrulama", "validasi", "валидация", "валидационная", "проверка", "валідація", "επικύρωση",
        "验证集", "验证", "驗證集", "驗證", "検証", "検証用", "검증", "검증용")}.items() for word in words}
SHORT = {"tr": TRAIN, "te": TEST, "ts": TEST, "cv": VALIDATION, "vl": VALIDATION}  # where nothing else lies beside them
# What some languages write in one word with them: Testdaten, 訓練データ.
_DATA = tuple(map(squeezed, (
    "daten", "datensatz", "datensätze", "bilder", "menge", "bilden", "beelden", "kuvat", "verisi", "verileri",
    "データ", "データセット", "セット", "画像", "数据", "数据集", "图片", "图像", "數據", "資料", "資料集", "圖片", "데이터",
    "데이터셋", "세트", "이미지")))


@functools.lru_cache(1024)
def split_of(name):
    """The part of a set that a name means, one of the three; None where it means none."""
    word = squeezed(name)
    return SPLITS.get(word) or next((split for ending in _DATA if word.endswith(ending)
                                     and (split := SPLITS.get(word.removesuffix(ending)))), None)
