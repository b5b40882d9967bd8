"""The frozen window: its arguments are pictures to open, as a desktop hands them over. It also serves as the program of its own workers."""

import gc
import sys


def main() -> int:
    """Run a worker when asked to, else the window."""
    if sys.argv[1:2] == ["--worker"]:
        from desktop.__main__ import main as dispatch

        return dispatch()
    gc.disable()  # as in desktop.__main__: the window collects garbage again once it stands
    from desktop.gui.app import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
