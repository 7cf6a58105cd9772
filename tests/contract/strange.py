"""Strange records through a tool, under pipe-run with state or to a page; run by tests/contract/strange, which has started the tool's
servers. The records stand in strange_lines.py."""
import base64
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "faults"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import coap_wire  # noqa: E402
from listed import entry_of, entry_file, listed, ROOT  # noqa: E402
from pipeline import WORK, tools_environment  # noqa: E402
from strange_lines import strange_records  # noqa: E402


def lines_of(output):
    """The lines of an output. A carriage return ends none: it may stand behind a record."""
    return [line for line in output.split(b"\n") if line]


# Kinds that read records from a pipe, and keep state.
READERS = ("filter", "async", "transaction", "outbox")


class Strange:
    """One pipeline in a folder of its own."""

    def __init__(self, tool, kind, entry, command, folder, rng=None):
        self.tool, self.kind, self.entry, self.folder = tool, kind, entry, folder
        # A stranger record may have the time of another: a filter then drops or adds records.
        self.counted = entry["passes"] == ["yes"] and not (rng and kind in ("filter", "async"))
        # Plumbing names its pipeline, which has another source here.
        self.is_sink = kind in ("transaction", "outbox") or entry["stages"][-1:] != [] and shlex.split(entry["stages"][-1])[0] == tool
        source = entry["stages"][0].replace("csv-tail in.csv", "line-source strange.ndjson") if entry["stages"] else "line-source strange.ndjson"
        self.command = command
        self.stages = [source, command] + ([] if self.is_sink else ["pipe-spool out"])
        folder.mkdir(parents=True)
        self.lines = strange_records(rng)
        (folder / "strange.ndjson").write_bytes(b"".join(line + b"\n" for line in self.lines))
        (folder / "in.csv").write_text("timestamp,city\n")

    def own(self, function):
        script = f'source "$1/scripts/parts.sh"; output() {{ cat out.csv; }}; prepare() {{ :; }}; source "$2"; set -e -o pipefail; {function}'
        return subprocess.run(["bash", "-c", script, "-", ROOT, entry_file(self.tool)], cwd=self.folder, env=tools_environment(), check=True,
                              stdout=subprocess.PIPE, timeout=900).stdout

    def spooled(self):
        done = subprocess.run(["pipe-spool", "--read", "all", "out"], cwd=self.folder, env=tools_environment(), stdout=subprocess.PIPE, check=True)
        return [line for line in lines_of(done.stdout) if not line.startswith(b'{"@ctl":')]

    def records_out(self):
        if self.is_sink and (count := self.own("! declare -F records >/dev/null || records")):
            return int(count)
        if self.is_sink:
            written = lines_of(self.own("output"))
            return len({line.split(b"\t")[0] for line in written}) if self.entry["ids"] == ["yes"] else len(written)
        return len(self.spooled())

    def rejected(self):
        """The lines in all rejects, and the stages that have them."""
        found = []
        for path in sorted((self.folder / "state").glob("*/rejects")):
            for line in path.read_bytes().decode().split("\n")[:-1]:
                reject = json.loads(line)
                raw = base64.b64decode(reject["raw_base64"]) if "raw_base64" in reject else reject["raw"].encode("utf-8", "surrogatepass")
                found.append((path.parent.name, raw))
        return found

    def run(self):
        """Its exit status."""
        self.own("prepare")
        command = ["pipe-run", "--state", "state", "--restart-after", "10ms", "--restart-at-most", "50ms", "--max-restarts", "12", "--", " | ".join(self.stages)]
        with open(self.folder / "errors", "wb") as errors:
            done = subprocess.run(command, cwd=self.folder, env=tools_environment(), stdout=subprocess.DEVNULL, stderr=errors, timeout=900, check=False)
        return done.returncode

    def failures(self):
        status = self.run()
        # 1 without giving up: all was read, and records were left out, such as late ones.
        if status not in (0, 1) or b"giving up" in (self.folder / "errors").read_bytes():
            return [f"it ends with {status}, before the last good record"]
        rejected = self.rejected()
        problems = [f"{stage} rejects a good record: {raw[:200]!r}" for stage, raw in rejected if b'"mark":"good' in raw]
        lines = sum(1 for line in self.lines if line.strip(b" \t\r"))  # blank lines are no records
        if self.counted:
            out = self.records_out()
            if out + len(rejected) != lines:
                problems.append(f"in {lines}, out {out}, rejected {len(rejected)}")
        restarts = (self.folder / "errors").read_bytes().count(b"starting all")
        print(f"{self.command}: {lines} records, {len(rejected)} rejected, {restarts} restarts")
        return problems


class StrangeCells(Strange):
    """The lines as cells of a CSV file, in quotes: each that is text, and no longer than a row may be, comes out as it was."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.stages = [self.command, "pipe-spool out"]
        rows = [b'%d,"%s"\n' % (number, line.replace(b'"', b'""')) for number, line in enumerate(self.lines)]
        (self.folder / "strange.csv").write_bytes(b"n,cell\n" + b"".join(rows))
        # An empty cell is null.
        self.expected = [(number, text or None) for number, (line, row) in enumerate(zip(self.lines, rows))
                         if len(row) <= 1 << 20 and (text := text_of(line)) is not None]

    def failures(self):
        status = self.run()
        if status != 0:
            return [f"it ends with {status}, before the last row"]
        records = [(record["n"], record["cell"]) for record in map(json.loads, self.spooled())]
        rejected = len(self.rejected())
        print(f"{self.command}: {len(self.lines)} rows, {rejected} rejected")
        wrong = next((pair for pair in zip(records, self.expected) if pair[0] != pair[1]), None)
        problems = [f"the cell {wrong[1]!r:.300} is {wrong[0]!r:.300}"] if wrong else []
        if len(records) != len(self.expected) or len(records) + rejected != len(self.lines):
            problems.append(f"in {len(self.lines)}, out {len(records)} of {len(self.expected)}, rejected {rejected}")
        return problems


def text_of(line):
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


class StrangePage(Strange):
    """A page that has taken the lines answers as before, and has the last good record."""

    def failures(self):
        errors = self.folder / "errors"
        with open(errors, "wb") as log:
            server = subprocess.Popen(shlex.split(self.command), cwd=self.folder, env=tools_environment(), stdin=subprocess.PIPE, stderr=log)
        try:
            server.stdin.write(b"".join(line + b"\n" for line in self.lines))
            server.stdin.flush()
            end = time.monotonic() + 600
            while not (found := [word for word in errors.read_text(errors="replace").split() if word.startswith("http://")]) and time.monotonic() < end:
                time.sleep(0.05)
            address = found[0]
            return self.answers(address)
        finally:
            server.kill()
            server.wait()

    def answers(self, address):
        client = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def get(path):
            with client.open(address + path, timeout=600) as answer:
                return answer.read().decode()

        def count(name):
            return int(sum(float(line.split()[-1]) for line in get("metrics").splitlines() if line.startswith(name)))

        lines = sum(1 for line in self.lines if line.strip(b" \t\r"))
        end = time.monotonic() + 600
        while True:
            taken, failed = count("iot_messages_received_total"), count('iot_messages_processed_total{status="failed"')
            if taken + failed == lines or time.monotonic() > end:
                break
            time.sleep(0.05)
        rejects = (self.folder / "rejects").read_text().split("\n")[:-1]
        problems = [] if taken + failed == lines and failed == len(rejects) else [f"in {lines}, taken {taken}, failed {failed}, rejects {len(rejects)}"]
        problems += [f"it rejects a good record: {raw[:200]}" for raw in rejects if '\\"mark\\":\\"good' in raw]
        for line in get("api/snapshot").split("\n")[:-1]:
            json.loads(line)  # nothing but JSON, or a client that reads it fails
        latest = json.loads(get("api/latest"))
        print(f"{self.command}: {lines} records, {len(rejects)} rejected, {len(latest)} keys; healthz: {json.loads(get('healthz'))['status']}")
        last = json.loads(b"{%s}" % self.lines[-1].strip(b"{}"))
        return problems + ([] if last in [each["record"] for each in latest] else [f"the page has not the last record: {latest!r:.500}"])


class StrangeMessages(Strange):
    """The lines as messages that the broker has kept: what is a record comes out, as JSON that any parser takes."""

    def failures(self):
        import paho.mqtt.client as mqtt

        def client(name, **how):
            made = mqtt.Client(name, **how)
            made.connect(os.environ["MQTT_HOST"], int(os.environ["MQTT_PORT"]))
            made.loop_start()
            self.wait("the broker", made.is_connected)
            return made

        client("strange-session", clean_session=True).disconnect()  # ends that of a run before
        subscribed = []
        session = client("strange-session", clean_session=False)
        session.on_subscribe = lambda *_: subscribed.append(True)
        session.subscribe("strange/lines", 1)
        self.wait("the session", lambda: subscribed)
        session.disconnect()
        publisher = client("strange-publisher")
        for line in self.lines:
            message = publisher.publish("strange/lines", line, 1)
        message.wait_for_publish()
        publisher.disconnect()
        return self.received(lambda: None)

    def received(self, send):
        """What is wrong with the records that the tool makes of the lines; `send` sends them while it runs."""
        command = ["pipe-run", "--state", "state", "--restart-after", "10ms", "--", f"{self.command} | pipe-spool out"]
        with open(self.folder / "errors", "wb") as errors:
            pipeline = subprocess.Popen(command, cwd=self.folder, env=tools_environment(), stderr=errors)
        try:
            send()
            self.wait("the last record", lambda: (self.folder / "out").exists() and self.lines[-1] in self.spooled())
        finally:
            pipeline.terminate()
            pipeline.wait()
        records, rejected = self.spooled(), self.rejected()
        print(f"{self.command}: {len(self.lines)} messages, {len(rejected)} rejected")
        problems = [f"it rejects a good record: {raw[:200]!r}" for _, raw in rejected if b'"mark":"good' in raw]
        if len(records) + len(rejected) != len(self.lines):
            problems.append(f"in {len(self.lines)}, out {len(records)}, rejected {len(rejected)}")
        return problems + [f"this is no record: {line[:200]!r}" for line in records if not is_record(line)]

    @staticmethod
    def wait(what, happens):
        end = time.monotonic() + 600
        while not happens():
            if time.monotonic() > end:
                raise SystemExit(f"FAILED: gave up waiting for {what}")
            time.sleep(0.05)


class StrangePosts(StrangeMessages):
    """Each line as a request, which is sent again until it is answered; the answer tells whether it was taken."""

    def failures(self):
        answers = []

        def send():
            for number, line in enumerate(self.lines):
                answers.append(self.post(line, number))

        problems = self.received(send)
        taken = sum(answer["accepted"] for answer in answers)
        if taken != len(self.spooled()):
            problems.append(f"{taken} records were taken by the answers, {len(self.spooled())} came out")
        return problems

    def post(self, line, number):
        port = os.environ["CONTRACT_PORT"]
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/", line, {"Content-Type": "application/x-ndjson", "Idempotency-Key": f"line-{number}"})
        end = time.monotonic() + 600
        while True:
            try:
                with urllib.request.urlopen(asked, timeout=20) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code == 400:
                    return json.load(error)
                if error.code not in (503, 504) or time.monotonic() > end:
                    raise SystemExit(f"FAILED: {line[:200]!r} is answered {error.code}") from error
            except OSError as error:
                if time.monotonic() > end:
                    raise SystemExit(f"FAILED: {line[:200]!r} is not answered: {error}") from error
            time.sleep(0.05)


class StrangePuts(StrangePosts):
    """Each line as a message of CoAP, in blocks where it is long."""

    def post(self, line, number):
        peer = self.__dict__.setdefault("peer", coap_wire.Peer(int(os.environ["CONTRACT_PORT"])))
        blocks = [line[at:at + 1024] for at in range(0, len(line), 1024)] or [b""]
        for at, block in enumerate(blocks):
            more = at + 1 < len(blocks)
            blockwise = [(27, coap_wire.number_value(at << 4 | more << 3 | 6))] if len(blocks) > 1 else []
            answer = peer.put("/", block, 50, options=blockwise, tries=200)
            if answer is None or answer.code not in (204, 231, 400):
                raise SystemExit(f"FAILED: {line[:200]!r} is answered {answer and (answer.code, answer.payload)}")
        return {"accepted": int(answer.code == 204)}


class StrangeTopic(StrangeMessages):
    """The lines as messages of a Kafka topic; the broker takes none of more than a megabyte."""

    def failures(self):
        import confluent_kafka

        lines = [line for line in self.lines if len(line) < 1_000_000]
        topic = shlex.split(self.command)[2]
        producer = confluent_kafka.Producer({"bootstrap.servers": os.environ["KAFKA_BROKERS"]})
        for line in lines:
            producer.produce(topic, line)
            producer.poll(0)
        producer.flush()
        self.stages = [self.command, "pipe-spool out"]
        status = self.run()
        if status != 0:
            return [f"it ends with {status}, before the last message"]
        records, rejected = self.spooled(), self.rejected()
        print(f"{self.command}: {len(lines)} messages, {len(rejected)} rejected")
        problems = [f"it rejects a good record: {raw[:200]!r}" for _, raw in rejected if b'"mark":"good' in raw]
        if len(records) + len(rejected) != len(lines):
            problems.append(f"in {len(lines)}, out {len(records)}, rejected {len(rejected)}")
        return problems + [f"this is no record: {line[:200]!r}" for line in records if not is_record(line)]


def is_record(line):
    """For a parser that takes nothing but JSON."""
    def refuse(constant):
        raise ValueError(constant)
    try:
        record = json.loads(line, parse_constant=refuse)
        return isinstance(record, dict) and "@ctl" not in record
    except ValueError:
        return False


# How the lines get into a tool that reads no records: strange_as of its contract file.
SHAPES = {"cells": StrangeCells, "page": StrangePage, "messages": StrangeMessages, "posts": StrangePosts, "puts": StrangePuts, "topic": StrangeTopic}


def cases_of(tool, rng=None):
    """A pipeline for each command to try."""
    kind, entry = listed()[tool], entry_of(tool)
    for number, command in enumerate(entry["strange"] or [shlex.join([tool, *(entry["state_args"] or entry["args"])])]):
        folder = WORK / f"strange-{tool}-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        yield SHAPES.get(entry["strange_as"][0], Strange)(tool, kind, entry, command, folder, rng)


def main():
    failed = False
    for case in cases_of(sys.argv[1]):
        for problem in case.failures():
            failed = True
            print(f"FAILED {case.command}: {problem}")
        if failed:
            print("\n".join((case.folder / "errors").read_text(errors="replace").splitlines()[-12:]))
            if "WEIR_KEEP" in os.environ:
                shutil.copytree(case.folder, os.environ["WEIR_KEEP"], dirs_exist_ok=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
