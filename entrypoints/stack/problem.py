"""How the stack says no."""


class StackProblem(Exception):
    """What keeps the stack from running; the text is a sentence that says what to do."""
