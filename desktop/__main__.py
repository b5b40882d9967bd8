"""``python -m desktop``: dispatches the hidden worker commands before any heavy import, then the command line.

Confinement has to be on before NumPy (and its threads) loads, so a worker's module is imported only here and confines itself first.
"""

import gc
import sys


def main() -> int:
    """Run a worker when asked to, open the window when nothing is asked, else the command line. Returns the exit code."""
    if len(sys.argv) >= 3 and sys.argv[1] == "--worker":
        name, arguments = sys.argv[2], sys.argv[3:]
        if name == "intake":
            from desktop.intake.worker import main as intake_main

            return intake_main(arguments)
        if name == "engine":
            from desktop.engine.worker import main as engine_main

            return engine_main(arguments)
        if name == "views":
            from desktop.evidence.views.worker import main as views_main

            return views_main(arguments)
        return 2
    if len(sys.argv) == 1:
        # A double-click. Hundreds of classes come to life now and none dies: the window collects garbage again once it stands.
        gc.disable()
        from desktop.gui.app import run

        return run()
    from desktop.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
