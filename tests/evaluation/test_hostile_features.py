"""Files that are made to mislead `score`: each is a sentence, before anything large is read or computed."""

import io
import resource
import sys
import zipfile

import numpy as np
import pytest

from helpers_runs import cli, is_a_sentence, python

RNG = np.random.default_rng(0)
GOOD = RNG.standard_normal((60, 4)).astype(np.float32)


def changed(value, dtype=np.float64, place=(3, 1)):
    features = GOOD.astype(dtype)
    features[place] = value
    return features


def promising(path, shape, dtype="<f8", content=b"", name="features"):
    """A file whose header promises an array of that shape."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": dtype, "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.npy", header.getvalue() + content)


HOSTILE = {
    "1e200": changed(1e200), "-1e200": changed(-1e200), "1e160 everywhere": GOOD.astype(float) * 1e160,
    "the largest": changed(1.7e308),
    "nan": changed(np.nan), "inf": changed(np.inf), "long double": changed(1, np.longdouble) * np.longdouble("1e400"),
    "text": GOOD.astype(str), "bytes": GOOD.astype("S8"), "complex": GOOD + 1j, "complex without": GOOD.astype(complex),
    "dates": np.zeros((60, 4), "M8[s]"), "spans": np.ones((60, 4), "m8[s]"), "structured": np.zeros((60,), "i4,f4"),
    "none": np.zeros((0, 4)), "no width": np.zeros((60, 0)), "a number": np.array(7.0), "a row": np.ones(60),
    "too deep": np.ones((60, 2, 2)), "all alike": np.ones((60, 4)),
}


@pytest.fixture
def score(tmp_path):
    np.savez(tmp_path / "good.npz", features=GOOD)

    def score(real, fake):
        answer = cli("score", "--real", tmp_path / real, "--fake", tmp_path / fake, workspace=tmp_path / "workspace")
        assert answer.code == 2 and answer.out == "" and is_a_sentence(answer.said[-1]), answer
        return answer.said[-1]

    return score


@pytest.mark.parametrize("how", HOSTILE)
def test_hostile_features_are_a_sentence_on_either_side(tmp_path, score, how):
    np.savez(tmp_path / "bad.npz", features=HOSTILE[how])
    assert "fake features" in score("good.npz", "bad.npz") and "real features" in score("bad.npz", "good.npz")


def test_large_features_that_can_be_computed_with_have_scores(tmp_path):
    np.savez(tmp_path / "real.npz", features=GOOD * 1e19)
    np.savez(tmp_path / "fake.npz", features=GOOD[::-1] * 1.1e19)
    answer = cli("score", "--real", tmp_path / "real.npz", "--fake", tmp_path / "fake.npz", "--json",
                 workspace=tmp_path / "workspace")
    assert answer.code == 0 and "NaN" not in answer.out and "Infinity" not in answer.out


@pytest.mark.parametrize("shape, dtype, name", [
    ((10**9, 64), "<f8", "features"), ((2**62, 2**62), "<f4", "features"), ((10**10,), "|u1", "labels"),
    ((10**9, 3), "<U100", "classes"), ((10**6, 64, 64, 3), "|u1", "samples")])
def test_what_a_header_promises_beyond_all_memory_is_not_read(tmp_path, score, shape, dtype, name):
    promising(tmp_path / "bad.npz", shape, dtype, name=name)
    said = score("good.npz", "bad.npz")
    assert any(words in said for words in ("GiB of memory", "Python objects", "holds neither of the arrays"))


def test_a_header_that_promises_more_than_there_is_is_damage(tmp_path, score):
    promising(tmp_path / "bad.npz", (10**7, 4), content=bytes(800))
    assert "not a readable .npz file" in score("good.npz", "bad.npz")


def test_few_bytes_that_unpack_to_many_are_refused_within_little_memory(tmp_path):
    """In a process that may not have more than what is asked for."""
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("features.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": (3 * 10**6, 1000)})
            for _ in range(4):  # of three thousand: the header is what is believed, and nobody looks further
                file.write(bytes(10**6))
    limited = """
import resource, sys
from gan_core.__main__ import main
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, resource.RLIM_INFINITY))
sys.exit(main(sys.argv[1:]))
"""
    answer = python(limited, "score", "--real", tmp_path / "bomb.npz", "--fake", tmp_path / "bomb.npz",
                    "--workspace", tmp_path / "workspace")
    assert answer.returncode == 2 and "2.8 GiB of memory" in answer.stderr, answer.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the memory")
def test_what_is_refused_took_no_memory(tmp_path, score):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    promising(tmp_path / "bad.npz", (10**8, 1), content=bytes(10**6))
    score("bad.npz", "good.npz")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"\x93NUMPY", b"PK\x03\x04 no zip", bytes(10_000)])
def test_what_is_no_file_of_arrays_is_a_sentence(tmp_path, score, content):
    (tmp_path / "bad.npz").write_bytes(content)
    assert "bad.npz" in score("bad.npz", "good.npz")


def test_an_encrypted_file_is_a_sentence(tmp_path, score):
    promising(tmp_path / "bad.npz", (60, 4), content=GOOD.astype(float).tobytes())
    whole = bytearray((tmp_path / "bad.npz").read_bytes())
    whole[6] |= 1  # the flag in the member's own header
    whole[whole.rindex(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "bad.npz").write_bytes(whole)
    assert "bad.npz" in score("bad.npz", "good.npz")
