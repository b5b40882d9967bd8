"""Where an exhibit stands. A module of its own, because the window shows states before there is any exhibit."""

import enum

ASIDE = "set-aside"
"""The tag of exhibits that a person put aside. What was received stays in the case; it is only listed no more."""


class State(enum.Enum):
    """Where an exhibit stands in the queue."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
