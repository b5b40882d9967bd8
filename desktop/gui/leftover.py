"""What an earlier window could not store in the case that is open now: offered, and stored when a person says so."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from desktop.gui.state import ASIDE
from desktop.gui.words import Pasted, Tagged, Word

if TYPE_CHECKING:
    from desktop.gui.session import Session


def store(session: Session) -> None:
    """Have it written into the case, in its order, and shown."""
    for one in session.docket.holding.take_up():
        word = one.word
        if isinstance(word, Pasted):
            session.add_data(word.data, word.name)
        else:
            session.docket.holding.say(word, partial(_stored, session, word), session.complain)


def _stored(session: Session, word: Word, _result: Any) -> None:
    here = [item for number in word.about if (item := session.by_number(number)) is not None]
    for item in here:
        if isinstance(word, Tagged):
            item.tags = tuple(sorted((set(item.tags) | set(word.add)) - set(word.remove) - {ASIDE}))
            item.aside = (item.aside or ASIDE in word.add) and ASIDE not in word.remove
        else:
            session.reread(item)
    session.many_changed.emit([item.key for item in here])
