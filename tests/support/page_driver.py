"""A headless Chromium at dash-serve's page, driven through chromedriver: `from page_driver import …` starts it. argv: …, PORT, SHOTS, a folder
for pictures."""
import os
import pathlib
import sys
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

port, shots = sys.argv[2], pathlib.Path(sys.argv[3])
shots.mkdir(parents=True, exist_ok=True)
url = f"http://127.0.0.1:{port}/"
options = Options()
for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,1000",
             "--lang=en-GB", "--no-proxy-server", "--disable-background-networking", "--disable-component-update", "--no-first-run",
             f"--user-data-dir={os.getcwd()}/profile"):
    options.add_argument(word)
options.add_experimental_option("prefs", {"download.default_directory": os.getcwd(), "download.prompt_for_download": False})
options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def say(*words):
    print(*words, flush=True)


def run(script, *arguments):
    return browser.execute_script(script, *arguments)


def run_async(script, *arguments):
    """The result of the body of an async function."""
    return browser.execute_async_script("const done = arguments[arguments.length - 1]; (async function () {" + script + "}).apply(null, arguments).then(done, (problem) => done(String(problem)));", *arguments)


def until(what, check, seconds=600):
    end = time.monotonic() + seconds
    while True:
        try:
            found = check()
        except Exception as problem:  # the page is being drawn anew
            found, last = None, problem
        if found:
            return found
        if time.monotonic() > end:
            browser.save_screenshot(str(shots / "failed.png"))
            say("state:", run("return document.body.innerText.slice(0, 1500)"), "console:", browser.get_log("browser"))
            raise SystemExit(f"{pathlib.Path(sys.argv[0]).name}: gave up waiting: {what}")
        time.sleep(0.02)


def text(selector):
    return run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)


def picture(name):
    time.sleep(0.5)  # only for the eye: let what moves come to rest
    browser.save_screenshot(str(shots / f"{name}.png"))


def looks(name, scheme, width, height, mobile=False):
    """The page in colours and a size of a window; a picture of it once it has come to rest."""
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile})
    until("nothing is wider than the window", lambda: run("return document.documentElement.scrollWidth <= innerWidth"))
    picture(name)


def no_errors():
    """Nothing was refused by the page's own policy, nothing was thrown."""
    bad = [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE" and "ERR_" not in line["message"]
           and "WebSocket connection" not in line["message"]]
    assert not bad, bad
    say("no error in the browser's console")
