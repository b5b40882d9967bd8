"""``python -m desktop``: dispatches the hidden worker commands before any heavy import, then the command line.

Confinement has to be on before NumPy (and its threads) loads, so a worker's module is imported only here and confines itself first.
"""

import sys


def main() -> int:
    """Run a worker when asked to, else the command line. Returns the exit code."""
    if len(sys.argv) >= 3 and sys.argv[1] == "--worker":
        name, arguments = sys.argv[2], sys.argv[3:]
        if name == "intake":
            from desktop.intake import worker as intake_worker

            return intake_worker.main(arguments)
        if name == "engine":
            from desktop.engine import worker as engine_worker

            return engine_worker.main(arguments)
        if name == "views":
            from desktop.evidence.views import worker as views_worker

            return views_worker.main(arguments)
        return 2
    from desktop.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
