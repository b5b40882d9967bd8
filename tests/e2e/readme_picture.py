"""Takes the README's screenshot: ``python -m tests.e2e.readme_picture [PICTURE …]`` → ``docs/screens/window.png``.

It is the real window with the bundled expert on a virtual screen; the pictures are dragged onto it from another program, as in the tests.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.conftest import PICTURES, ROOT
from tests.e2e.screen import screen
from tests.e2e.test_window import drag_onto_window, open_window

OUT = ROOT / "docs" / "screens" / "window.png"


def main(arguments: list[str]) -> int:
    """Drag, wait for the findings, save what is on the screen."""
    usual = ("painted-chelsea.jpg", "real-coffee.jpg", "generated-progan-1.png")
    pictures = [Path(word) for word in arguments] or [PICTURES / name for name in usual]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o700)
        os.environ["TELLTALE_DATA_DIR"] = f"{folder}/data"  # the cases of whoever takes the picture are not in it
        with screen(Path(folder)) as desk:
            program = open_window(desk, "--shot", str(OUT))
            drag_onto_window(desk, *map(str, pictures))
            shown = [program.wait("SHOWN", 300) for _ in pictures]
            program.wait("SAVED", 30)
    print(*(f"{item['name']}: {item['headline'] or item['state']}" for item in shown), OUT, sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
