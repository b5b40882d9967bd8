"""``telltale ask``: free questions about a picture. No answer changes a recorded score."""

import argparse
from pathlib import Path

from desktop import questions
from desktop.commands import experts
from desktop.commands.console import EXIT_DONE, cancel_on_interrupt, emit_value, say
from models.cards import load_card
from models.errors import UsageError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``ask`` to the command line."""
    parser = commands.add_parser("ask", help="put questions about a picture")
    parser.add_argument("path", metavar="PATH", nargs="?", type=Path)
    parser.add_argument("questions", metavar="QUESTION", nargs="*", help="one or more; the picture is read by the expert only once")
    parser.add_argument("--expert", metavar="ID|DIR", help="which expert answers; the default is the bundled starter")
    parser.add_argument("--suggest", action="store_true", help="list questions that this expert can be asked, and which it was trained on")
    parser.add_argument("--json", action="store_true", help="one JSON value a question on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask and print the answers, with a warning where the expert was not trained on such questions; or list suggestions."""
    if arguments.suggest:
        return _suggest(arguments)
    if arguments.path is None or not arguments.questions:
        raise UsageError("nothing-asked", "name a picture and a question, or use --suggest to see which questions there are")
    with cancel_on_interrupt() as flag, experts.open_analyst(arguments.expert) as analyst:
        for question in arguments.questions:
            answer = analyst.ask(arguments.path, question, cancelled=flag.is_set)
            kind = questions.kind_of(question)
            log_odds = answer.yes_log_odds if kind == "closed" else None
            if arguments.json:
                emit_value({"schema": "telltale.answer/1", "question": question, "kind": kind, "experimental": answer.experimental,
                            "text": answer.text, "text_state": answer.text_state, "yes_log_odds": log_odds,
                            "first_token_s": answer.first_token_s, "seconds": answer.seconds, "reused": answer.reused})
                continue
            if len(arguments.questions) > 1:
                say(f"{question}")
            if answer.experimental:
                say("(experimental: this expert was not trained on this question)")
            if log_odds is not None:
                say(f"yes against no: log-odds {log_odds:+.2f}; uncalibrated, and no part of any finding")
            say(answer.text or "(the expert wrote nothing)")
    return EXIT_DONE


def _suggest(arguments: argparse.Namespace) -> int:
    """List the suggestions for the expert's card."""
    found = questions.suggestions(load_card(experts.find(arguments.expert)))
    for suggestion in found:
        if arguments.json:
            emit_value({"question": suggestion.text, "kind": suggestion.kind, "trained": suggestion.trained})
        else:
            say(f"{'trained' if suggestion.trained else 'experimental':12}  {suggestion.kind:11}  {suggestion.text}")
    return EXIT_DONE
