"""Runs the examples of a manual page in the current folder and compares what they print with what the page shows.

In a literal block `$ ` begins a command and `> ` continues it; the lines after it are its output: standard output, and reports of its standard error.
All commands of a page run in one shell, one after the other. Without output only the exit status counts: it must be 0, unless the next
command is `echo $?`. In the output `...` stands for any lines and `…` for any text within a line. Comments of the page's source:
  ; file: NAME      the next block is the content of a file
  ; endless         the next block's command runs until it is stopped
  ; text: WHAT      the next block has no commands: a grammar, an answer, a diagram
  ; not run: WHY    the next block has commands that a test cannot run
A block without commands must have one of these, and a line that is literal by a tab alone may not begin with a tool's name.
Port 8080 of this machine is replaced by a free one.
"""
import os
import re
import signal
import subprocess
import sys

PORT = os.environ.get("WEIR_FREE_PORT", "8080")
TIME_LIMIT = 600  # seconds, for a page whose commands hang


class Command:
    def __init__(self, line, text, endless):
        self.line, self.text, self.endless, self.output = line, text, endless, []


def blocks_of(lines):
    """Yields (comment, first line number, lines) of each literal block."""
    comment, block, start = "", None, 0
    for number, line in enumerate(lines, 1):
        if line == "```":
            if block is not None:
                yield comment, start, block
                comment, block = "", None
            else:
                block, start = [], number + 1
        elif block is not None:
            block.append(re.sub(r"\\(.)", r"\1", line))
        elif line.startswith("; "):
            comment = line[2:]
        elif line:
            comment = ""


def commands_of(block, start, endless):
    commands = []
    for number, line in enumerate(block, start):
        if line.startswith("$ "):
            commands.append(Command(number, line[2:], endless))
        elif commands and line.startswith("> ") and not commands[-1].output:
            commands[-1].text += "\n" + line[2:]
        elif commands:
            commands[-1].output.append(line)
    return commands


def tool_names(root):
    return {name[:-6] for name in os.listdir(os.path.join(root, "man")) if name.endswith(".1.scd")}


def examples_of(page, root):
    """The page's commands in order, with the files that blocks give before them."""
    tools = tool_names(root)
    steps = []
    with open(page, encoding="utf-8") as source:
        lines = source.read().split("\n")
    for comment, start, block in blocks_of(lines):
        if comment.startswith("file: "):
            steps.append((comment[6:], "\n".join(block) + "\n"))
            continue
        commands = commands_of(block, start, comment == "endless")
        steps += commands
        if not commands and not comment.startswith(("text: ", "not run: ")):
            sys.exit(f"{page}:{start}: begin an example with `$ `, so that it is run, or put a comment before the block: "
                     "`; not run: WHY` or, where it is no command, `; text: WHAT`")
        for number, line in enumerate(block, start):
            if comment.startswith("text: ") and any(re.match(rf"({tool}|.*\| *{tool}) ", line) for tool in tools) and not line.startswith("*"):
                sys.exit(f"{page}:{number}: this is a command: {line}")
    for number, line in enumerate(lines, 1):
        if line.startswith("\t") and any(line.startswith(f"\t{tool} ") for tool in tools):
            sys.exit(f"{page}:{number}: put a command into a literal block: {line}")
    return steps


def shell_script(steps):
    """One script for the whole page; each command's output goes into files of its own."""
    parts = ["set -o pipefail\n"]
    for number, step in enumerate(steps):
        if isinstance(step, tuple):
            continue
        name = f"../{number}"
        text = command_text(step.text)
        if step.endless:
            parts.append(f"setsid bash -c {shell_quoted(text)} >{name}.out 2>{name}.err </dev/null & sleep 2; kill -TERM -- -$! 2>/dev/null || kill -TERM $!; wait $!\n"
                         f"status=$?; [ $status -ne 143 ] || status=0\n")
        else:
            parts.append(f"(exit ${{status:-0}})\n{{\n{text}\n}} >{name}.out 2>{name}.err </dev/null\nstatus=$?\n")
        parts.append(f"echo $status >{name}.status\n")
    parts.append("kill $(jobs -p) 2>/dev/null\nwait\n")
    return "".join(parts)


def command_text(text):
    """The command as it is run: a page may name port 8080, or leave it to the default."""
    if "dash-serve " in text and "--listen" not in text:
        text = text.replace("dash-serve ", "dash-serve --listen 127.0.0.1:0 ", 1)
    return text.replace(":8080", ":" + PORT)


def shell_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def lines_of(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().replace(":" + PORT, ":8080").rstrip("\n").split("\n") if os.path.getsize(path) else []


def alike(shown, printed):
    pattern = ".*".join(re.escape(part) for part in shown.split("…"))
    return re.fullmatch(pattern, printed) is not None


def matches(shown, printed):
    """Whether the lines are those shown, where `...` stands for any."""
    if not shown:
        return not printed
    if shown[0] == "...":
        return any(matches(shown[1:], printed[skipped:]) for skipped in range(len(printed) + 1))
    return bool(printed) and alike(shown[0], printed[0]) and matches(shown[1:], printed[1:])


def complaint(command, number, following):
    """What is wrong with a command's run, or None."""
    if not os.path.exists(f"../{number}.status"):
        return "did not end"
    out, err = lines_of(f"../{number}.out"), lines_of(f"../{number}.err")
    with open(f"../{number}.status", encoding="utf-8") as file:
        status = file.read().strip()
    asked = isinstance(following, Command) and following.text == "echo $?"
    if status not in ("0", "141") and not asked:  # 141: the reader of its output was satisfied
        return "\n".join([f"exit status {status}", *out[-3:], *err])
    if not command.output:
        return None
    reports = [line for line in command.output if re.match(r"[a-z]+-[a-z]+: ", line)]
    shown = [line for line in command.output if line not in reports]
    rest = list(err)  # a report that the page leaves out is no fault
    for report in reports:
        found = next((line for line in rest if alike(report, line)), None)
        if found is None:
            return "\n".join([f"not on standard error: {report}", "but:", *err])
        rest.remove(found)
    if not matches(shown, out):
        return "\n".join(["standard output:", *out])
    return None


def main():
    page = sys.argv[1]
    steps = examples_of(page, os.environ["WEIR_SOURCE"])
    for step in steps:
        if isinstance(step, tuple):
            with open(step[0], "w", encoding="utf-8") as file:
                file.write(step[1])
    commands = [step for step in steps if isinstance(step, Command)]
    shell = subprocess.Popen(["bash", "-c", shell_script(steps)], stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        shell.wait(TIME_LIMIT)
    except subprocess.TimeoutExpired:
        print("stopped: it takes too long")
    finally:
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    failed = 0
    for number, step in enumerate(steps):
        if isinstance(step, Command):
            wrong = complaint(step, number, steps[number + 1] if number + 1 < len(steps) else None)
            if wrong:
                failed += 1
                print(f"{page}:{step.line}: $ {step.text}\n{wrong}\n")
    print(f"{os.path.basename(page)}: {len(commands)} examples, {failed} failed")
    sys.exit(1 if failed else 0)


main()
