# `make app` opens the dashboard, `make test` runs the tests; both set up what they need in .venv.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 3
# Whoever is told of runs need not be told of those of tests.
TEST = GAN_NOTICES=off GAN_REQUIRE_BROWSER=$(GAN_REQUIRE_BROWSER) $(VENV)/bin/python -m pytest

.PHONY: app test clean

app: $(VENV)/ready
	$(VENV)/bin/streamlit run streamlit_app.py

# The browser's tests mostly wait: all other workers go through the rest beside them, with less of a claim to the processor.
test: $(VENV)/ready-test
ifdef ARGS
	$(TEST) $(ARGS)
else
	$(TEST) -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
endif

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt install python3-venv"; exit 1; }

$(VENV)/ready: requirements.txt | $(VENV)/bin/python
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/ready-test: requirements-test.txt requirements-cluster.txt $(VENV)/ready
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@

clean:
	rm -rf $(VENV)
