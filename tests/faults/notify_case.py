"""csv-tail | thresh-alert | alert-notify to seven channels, while stages are killed, the services are killed and started again, and answer
with every error. No alert is lost, and what comes twice has the same id."""
import email
import email.policy
import json
import os
import re
import socket
import time
from pathlib import Path

from kinds import checkpoints, make_rows
from pipeline import TIME_LIMIT, WORK, Failure, Pipeline, kill, spawn
from served import kill_servers_and_stages
from services import of_parts

SUPPORT = Path(os.environ["WEIR_SOURCE"]) / "tests/support"
ROUTES = """
[channel.hook]
type = "webhook"
url = "{url}/hook"
format = "weir"
[channel.slack]
type = "slack"
url_file = "slack.url"
rate = 1000
[channel.pager]
type = "pagerduty"
key_file = "key"
url = "{url}"
[channel.sms]
type = "sms"
to = "+15550100"
from = "+15550101"
account = "AC1"
token_file = "token"
url = "{url}"
rate = 1000
[channel.manager]
type = "alertmanager"
url = "{url}"
[channel.program]
type = "program"
command = ["sh", "-c", "cat >>program"]
[channel.mail]
type = "mail"
to = "ops@example.org"
host = "127.0.0.1"
port = {smtp}

[[route]]
name = "all"
to = ["hook", "pager", "sms", "program"]
remind = "20s"
continue = true
[[route]]
name = "together"
group = ["rule"]
wait = "5s"
cooldown = "3s"
to = ["slack", "manager", "mail"]
"""


class Services:
    """The stand-ins of all services."""

    def __init__(self, folder, rng):
        self.folder, self.rng, self.chaos = folder, rng, False
        self.port, self.smtp = of_parts("free_port"), of_parts("free_port")
        self.processes, self.starts = [], 0
        self.clear()
        for name, secret in (("slack.url", f"http://127.0.0.1:{self.port}/slack/x"), ("key", "r0uting"), ("token", "s3cret")):
            (folder / name).write_text(secret + "\n")
            (folder / name).chmod(0o600)
        (folder / "routes.toml").write_text(ROUTES.format(url=f"http://127.0.0.1:{self.port}", smtp=self.smtp))

    def clear(self):
        for name in ("kept", "program", "history"):
            (self.folder / name).unlink(missing_ok=True)
        for mail in (self.folder / "mails").glob("*/*.eml"):
            mail.unlink()

    def start(self):
        self.starts += 1
        chaos = ["--chaos", str(self.rng.randrange(1 << 30)), "--share", "0.2"] if self.chaos else []
        lost = ["--drop-after", str(self.rng.randrange(10)), "--postpone", "ops@example.org", "1"] if self.chaos else []
        with open(self.folder / "services.log", "ab") as log:
            self.processes = [
                spawn([SUPPORT / "alert-services", "--port", str(self.port), "--keep", self.folder / "kept", *chaos], stdout=log, stderr=log),
                spawn(["/usr/bin/python3", SUPPORT / "smtp-server", "--port", str(self.smtp), "--mails", self.folder / "mails" / str(self.starts),
                       *lost], stdout=log, stderr=log)]
        deadline = time.monotonic() + TIME_LIMIT
        for port in (self.port, self.smtp):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise Failure("notify: a stand-in does not start") from None
                    time.sleep(0.02)

    def kill(self):
        for each in self.processes:
            kill(each)
            each.wait()

    def kill_and_start(self):
        self.kill()
        self.start()

    def delivered(self):
        """(channel, id, text) of all that had an effect, as often as it had."""
        found = []
        for each in lines_of(self.folder / "kept"):
            body = each["body"]
            if each["service"] == "webhook":
                body.pop("attempt", None)
            found.append((each["service"], each["id"], json.dumps(body, ensure_ascii=False)))
        for each in lines_of(self.folder / "program"):
            found.append(("program", each["id"], json.dumps(each["alerts"])))
        for path in sorted((self.folder / "mails").glob("*/*.eml")):
            mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text = mail.get_body(("plain",)).get_content()
            found.append(("mail", mail["message-id"].strip("<>").split("@")[0], f"{mail['subject']}\n{text}"))
        return found


def lines_of(path):
    """The records in a file of lines; one that a kill has cut is passed over."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            yield json.loads(line)
        except ValueError:
            continue


def notify(rng, options):
    folder = WORK / "alert-notify"
    folder.mkdir(parents=True, exist_ok=True)
    services = Services(folder, rng)
    seen = {"messages": 0, "doubles": 0}

    def output():
        """Each message once. Those that came twice are counted; no two texts have one id in a channel."""
        services.chaos = True
        found = services.delivered()
        # An id has a part that is random in each state.
        found = [tuple(re.sub(r"state-[0-9a-f]{8}-", "state-", part) for part in line) for line in found]
        each = sorted(set(found))
        names = [(channel, number) for channel, number, _ in each]
        if len(set(names)) != len(names):
            raise Failure("notify: two texts have the same id")
        seen["messages"] += len(each)
        seen["doubles"] += len(found) - len(each)
        texts = [line for line in found if line[0] == "twilio"]
        if len(texts) > len(set(texts)):
            raise Failure("notify: an SMS came twice, and it can be looked up")
        return [" ".join(line) for line in each]

    pipeline = Pipeline("notify", folder, [
        ["csv-tail", *checkpoints(20), "in.csv"],
        ["thresh-alert", "--late", "drop", "--by", "sensor", "--rule", "hot: value > 30 clear < 20", "--rule", "cold: value < -15 clear > -10 level critical"],
        ["alert-notify", "--routes", "routes.toml", "--history-file", "history"]], output, services.clear)

    def make_input(seed):
        services.chaos = False
        services.kill_and_start()
        make_rows(folder / "in.csv", 120, seed)

    def learn():
        Pipeline.learn(pipeline)
        services.chaos = True
        services.clear()  # the list of messages of a server that starts is what it has kept
        services.kill_and_start()

    pipeline.learn = learn
    said = kill_servers_and_stages(rng, options, pipeline, services.kill_and_start, make_input)
    services.kill()
    for line in lines_of(folder / "history"):
        if line["state"] not in ("delivered", "later", "uncertain", "refused", "silenced", "cooldown"):
            raise Failure(f"notify: a line of the history: {line}")
    return f"{said}; {seen['messages']} messages, {seen['doubles']} of them twice with the same id, no SMS"
