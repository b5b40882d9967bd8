"""What an analysis is doing just now, in a few words for the status line."""

from desktop.analysis import Event, ExhibitReady, Progress, Scored, Started, TextPiece, TileScored


def stage(event: Event) -> str:
    """The words for an event of an analysis."""
    match event:
        case Started():
            return "reading"
        case ExhibitReady():
            return "looking"
        case Progress(name):
            return name.replace("-", " ")
        case TileScored(_, number, of):
            return f"tile {number} of {of}"
        case Scored(opinion):
            return f"leaning {opinion.answer}, writing"
        case TextPiece(text):
            return f"… {text}"
