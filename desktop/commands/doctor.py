"""``telltale doctor``: what this machine can do, which configuration is safe here, and whether the expert passes its self-test."""

import argparse
import platform
from typing import Any

from desktop import __version__
from desktop.analysis import library_versions
from desktop.commands import experts
from desktop.commands.console import EXIT_DONE, EXIT_NO_EXPERT, StatusLine, cancel_on_interrupt, complain, emit_value, say
from models.errors import ExpertError, TelltaleError, WorkerError


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``doctor`` to the command line."""
    parser = commands.add_parser("doctor", help="check this machine and the expert, and find the fastest safe configuration")
    parser.add_argument("--expert", metavar="ID|DIR", help="which expert to check; the default is the bundled starter")
    parser.add_argument("--tune", action="store_true", help="probe faster configurations, each in a process of its own, and keep the best")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Examine and print. Returns 4 when no expert is usable here."""
    facts: dict[str, Any] = {
        "schema": "telltale.doctor/1", "telltale": __version__, "libraries": dict(library_versions()),
        "system": {"os": platform.system(), "release": platform.release(), "machine": platform.machine()},
        "intake": _intake(), "expert": None, "engine": None, "error": None, "configurations": [],
    }
    code = EXIT_DONE
    try:
        with cancel_on_interrupt() as flag:
            _engine(arguments, facts, flag.is_set)
    except (ExpertError, WorkerError) as error:
        facts["error"] = {"code": error.code, "message": error.message}
        complain("expert", error)
        code = EXIT_NO_EXPERT
    if arguments.json:
        emit_value(facts)
    else:
        say(as_text(facts))
    return code


def _engine(arguments: argparse.Namespace, facts: dict[str, Any], cancelled: Any) -> None:
    from desktop.engine import Engine, known_configurations, tune
    from models.cards import load_card

    folder = experts.find(arguments.expert)
    card = load_card(folder)
    facts["expert"] = {"id": card.id, "name": card.name, "kind": card.kind, "type": card.language.type, "licence": card.licence.id}
    status = StatusLine()
    try:
        if arguments.tune:
            tune(folder, progress=lambda what, share: status.show(f"probing {what} ({100 * share:.0f} %)"), cancelled=cancelled)
        with Engine.open(folder, progress=lambda what, share: status.show(f"{what} {100 * share:.0f} %"), cancelled=cancelled) as engine:
            facts["engine"] = engine.facts
    finally:
        status.clear()
    facts["configurations"] = known_configurations(folder)


def _intake() -> dict[str, Any]:
    """Start an intake worker and say how far it is confined."""
    from desktop.intake import Intake

    try:
        with Intake() as intake:
            return intake.confinement()
    except TelltaleError as error:
        return {"level": "none", "error": error.code}


def as_text(facts: dict[str, Any]) -> str:
    """The facts for a terminal."""
    system, libraries = facts["system"], facts["libraries"]
    lines = [f"Telltale {facts['telltale']} on {system['os']} {system['release']} ({system['machine']})",
             "Libraries   " + ", ".join(f"{name} {version}" for name, version in libraries.items())]
    intake = facts["intake"]
    lines.append(f"Intake      network block: {intake['level']}; files: {intake.get('files', 'open')}")
    if facts["expert"] is not None:
        expert = facts["expert"]
        lines.append(f"Expert      {expert['name']} ({expert['id']}, {expert['kind']}, {expert['type']}, licence {expert['licence']})")
    if facts["engine"] is not None:
        lines.extend(_indented("Engine", facts["engine"]))
    running = (facts["engine"] or {}).get("configuration", {})
    for number, known in enumerate(facts["configurations"]):
        lines.append(f"{'' if number else 'Known here':<12}{known['id']}: {known_line(known, running)}")
    if facts["error"] is not None:
        lines.append(f"NOT USABLE  {facts['error']['code']}: {facts['error']['message']}")
    return "\n".join(lines)


def known_line(known: dict[str, Any], running: dict[str, Any]) -> str:
    """What was found out about one configuration: whether it passed, its times where it was tuned (with the machine's load, because a busy
    machine tunes badly), and what its self-test gave."""
    parts = [known["state"] + (f" ({known['code']})" if known.get("code") else "")]
    if {**known["configuration"], "id": ""} == {**running, "id": ""}:
        parts.append("in use")
    if known.get("chosen"):
        parts.append("chosen by tuning")
    names = (("encode_s", "tower"), ("score_s", "verdict"), ("token_s", "a token"))
    parts += [f"{what} {1000 * known[name]:.1f} ms" for name, what in names if isinstance(known.get(name), float)]
    if isinstance(known.get("load"), float):
        parts.append(f"at a load of {known['load']:.1f}")
    proof = known.get("self_test") or {}
    if "log_odds" in proof:
        parts.append(f"reference picture: log-odds {proof['log_odds']:+.4f}, least cosine {proof['min_cosine']:.5f}")
    return "; ".join(parts)


def _indented(title: str, facts: dict[str, Any]) -> list[str]:
    return [f"{title if number == 0 else '':<12}{key}: {value}" for number, (key, value) in enumerate(facts.items())]
