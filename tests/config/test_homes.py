"""Paths below the home of somebody who has none, as in a container of a person whom the system does not know."""

import pytest

from gan_core import data
from gan_core.errors import UserError
from gan_core.models import own_zoo
from gan_core.outside import importing
from gan_core.pretrained import vgg19
from gan_core.restyling import encoders
from gan_core.store.addresses import Place
from helpers_runs import is_a_sentence
from pages.components import machine

NOBODY = "~nobody-of-this-name/x"


@pytest.fixture(params=["another's", "one's own"])
def nowhere(request, monkeypatch):
    """A path that begins with a home that there is not."""
    if request.param == "another's":
        return NOBODY
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    return "~/x"


@pytest.mark.parametrize("ask", [
    lambda path: importing.take_in(None, path), lambda path: data.load(path),
    lambda path: encoders.encoder(f"{path}.h5", None, None), lambda path: vgg19.arrays(vgg19.chosen())])
def test_what_is_looked_for_there_is_told_in_a_sentence(nowhere, monkeypatch, ask):
    monkeypatch.setenv(vgg19.VARIABLE, f"{nowhere}.h5")
    with pytest.raises(UserError) as told:
        ask(nowhere)
    assert is_a_sentence(str(told.value))


def test_what_may_lie_there_is_not_there(nowhere, monkeypatch, tmp_path):
    monkeypatch.setenv("GAN_DATA", nowhere)
    monkeypatch.setenv(own_zoo.VARIABLE, nowhere)
    found, refused = own_zoo.files()
    assert data.catalogue(tmp_path) and not found and "cannot be read" in str(refused)
    assert Place.of(nowhere).catalogue_folder.name == "x"
    assert machine.without_paths("/usr/share/x") == "…/x"
