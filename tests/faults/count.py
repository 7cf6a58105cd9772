"""Counts of injected faults."""


class Count:
    """The number of injected faults, and of those that met a running process."""

    def __init__(self):
        self.injected = self.effective = self.runs = 0

    def __str__(self):
        return f"{self.injected} injected, {self.effective} effective, {self.runs} runs compared"
