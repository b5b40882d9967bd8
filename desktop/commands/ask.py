"""``telltale ask``: a free question about a picture. The answer never changes a recorded score."""

import argparse
from pathlib import Path

from desktop.commands import experts
from desktop.commands.console import EXIT_DONE, cancel_on_interrupt, emit_value, say


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``ask`` to the command line."""
    parser = commands.add_parser("ask", help="put a question about a picture")
    parser.add_argument("path", metavar="PATH", type=Path)
    parser.add_argument("question", metavar="QUESTION")
    parser.add_argument("--expert", metavar="ID|DIR", help="which expert answers; the default is the bundled starter")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask and print the answer, with a warning when the expert was not trained on such questions."""
    with cancel_on_interrupt() as flag, experts.open_analyst(arguments.expert) as analyst:
        answer = analyst.ask(arguments.path, arguments.question, cancelled=flag.is_set)
        prompt = analyst.card.prompt
        experimental = arguments.question not in (prompt.question, *prompt.questions)
    if arguments.json:
        emit_value({"schema": "telltale.answer/1", "question": arguments.question, "text": answer.text, "experimental": experimental})
        return EXIT_DONE
    if experimental:
        say("(experimental: this expert was not trained on this question)")
    say(answer.text)
    return EXIT_DONE
