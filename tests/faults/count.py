"""Faults that were injected, and what became of them."""


class Count:
    """How many faults were injected, and how many hit something that ran."""

    def __init__(self):
        self.injected = self.effective = self.runs = 0

    def __str__(self):
        return f"{self.injected} injected, {self.effective} effective, {self.runs} runs compared"
