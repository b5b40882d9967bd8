"""Hostile bytes in, exhibit out: every picture is decoded in a process of its own that has no network, no programs and no files.

``Intake().read(path)`` gives an ``Exhibit`` or raises an ``InputError`` with a stable code. The application itself decodes nothing.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.intake.client import Intake
    from desktop.intake.exhibit import Exhibit
    from desktop.intake.limits import Limits

__all__ = ["Exhibit", "Intake", "Limits"]


def __getattr__(name: str) -> Any:
    # The worker imports this package too, and must be confined before anything heavy is loaded.
    if name == "Intake":
        from desktop.intake.client import Intake

        return Intake
    if name == "Exhibit":
        from desktop.intake.exhibit import Exhibit

        return Exhibit
    if name == "Limits":
        from desktop.intake.limits import Limits

        return Limits
    raise AttributeError(name)
