"""The notebook for exploring, in JupyterLab, in a real browser."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import partner_analysis as pa

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
pytest.importorskip("ipywidgets", reason="ipywidgets is not installed")

CHROMIUM = shutil.which("chromium")
ROOT = Path(__file__).parents[3]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking"]  # fmt: skip
MILLISECONDS = 60_000
RUN_ALL = """async () => {
  await jupyterapp.shell.currentWidget.sessionContext.ready;
  jupyterapp.commands.execute('notebook:run-all-cells');
}"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """Address of a JupyterLab, opened on a copy of the notebook beside a made-up practice."""
    practice = pa.write_practice(tmp_path / "practice")
    shutil.copy(ROOT / "notebooks" / "00-explore.ipynb", practice.parent)
    places = {f"JUPYTER_{k}_DIR": str(tmp_path / k) for k in ("CONFIG", "RUNTIME", "DATA")}
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0",
        "--expose-app-in-browser", "--IdentityProvider.token=made-up",
        f"--ServerApp.root_dir={practice.parent}",
    ]  # fmt: skip
    log = (tmp_path / "log").open("wb")
    server = subprocess.Popen(
        command, env=os.environ | places | {"PYTHONPATH": paths}, stdout=log, stderr=log
    )
    try:
        yield f"{_address(server, tmp_path / 'RUNTIME')}lab/tree/00-explore.ipynb?token=made-up"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _address(server: subprocess.Popen[bytes], runtime: Path) -> str:
    """Address that the server has written down."""
    for _ in range(300):
        for found in runtime.glob(f"jpserver-{server.pid}.json"):
            return str(json.loads(found.read_text(encoding="utf-8"))["url"])
        assert server.poll() is None, "JupyterLab ended by itself"
        time.sleep(0.2)
    raise AssertionError("JupyterLab did not start within a minute")


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)")
def test_choosing_in_jupyterlab_changes_the_answer_at_once(lab: str) -> None:
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.set_default_timeout(MILLISECONDS)
        page.goto(lab)
        page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell")
        page.evaluate(RUN_ALL)
        compared = page.get_by_label("Compared with")
        compared.wait_for()
        answer = page.locator(".jp-OutputArea .pa-list, .jp-OutputArea .pa-sentence").first
        assert "Harbor Run Shop" in answer.inner_text()
        compared.select_option("its own past")
        page.get_by_text("with its own past as the only comparison").first.wait_for()
        line = 'pa.view_of(study, "harbor-run-shop", method="series")'
        page.locator(".pa-code").get_by_text(line, exact=True).first.wait_for()
        assert page.locator(".jp-OutputArea figure.pa-figure img").first.get_attribute("alt")
        browser.close()
