"""The laboratory's scripts, run by Node where it is there, else in Chromium: some of both is on every machine that tests."""

import concurrent.futures
import json
import shutil
import subprocess

import pytest

from gan_core.laboratory import source

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 300  # seconds


def evaluated(function, given=None, scripts=("engine.js", "knobs.js")):
    """What ``function``, JavaScript of one argument, makes of plain values, with these scripts before it."""
    script = source(*scripts)
    if node := shutil.which("node"):
        program = (f"{script}\nconst files = require('fs'), told = ({function})(JSON.parse(files.readFileSync(0)))\n"
                   "files.writeSync(1, JSON.stringify(told))\nprocess.exit(0)")
        answer = subprocess.run([node, "-e", program], input=json.dumps(given), capture_output=True, text=True,
                                timeout=PATIENCE)
        assert answer.returncode == 0, answer.stderr[-2000:]
        return json.loads(answer.stdout)
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not executable:
        pytest.fail("neither node nor chromium is on the PATH: the laboratory cannot be tested")
    # In a thread of its own: Playwright may be at work in this one, for a session of tests in a browser.
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return json.loads(thread.submit(_in_browser, executable, script, function, given).result())


def _in_browser(executable, script, function, given):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[
            "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"])
        page = browser.new_page()
        page.add_script_tag(content=script)
        answer = page.evaluate(f"(given) => JSON.stringify(({function})(given))", given)
        browser.close()
    return answer
