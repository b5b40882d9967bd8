"""What is asked of a conversion, and everything that is decided before its first byte is written."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from convert.adapter import open_adapter
from convert.checkpoint import Checkpoint, open_checkpoint
from convert.forward import Tower
from convert.mixtures import LanguageType, ProjectorType
from convert.plan import Delta, GgufPlan, language_plan, projector_plan
from convert.recipe import Recipe, load_recipe, make_prompt
from convert.vocabulary import Tokeniser
from models.cards import Preparation, Prompt
from models.errors import ConversionError


@dataclass(frozen=True)
class Options:
    """How to convert. `recipe`: a name that ships or a path to a `.toml`; `identifier` and `name` override the recipe's."""

    language_type: LanguageType = "Q4_K_M"
    projector_type: ProjectorType = "F16"
    recipe: str | Path = "fakevlm"
    vision_tower: Path | None = None
    lora: Path | None = None
    identifier: str | None = None
    name: str | None = None
    source_name: str = ""
    """Where the checkpoint came from (`owner/name` of a hub), for the card."""
    source_revision: str = ""
    reference: bool = True
    """Compute the self-test's reference; without it the engine cannot prove itself."""
    threads: int | None = None
    """None: all cores this process may use."""


@dataclass(frozen=True)
class Progress:
    """One step of the work. `done` and `total` are bytes while files are written and read; the reference is computed meanwhile."""

    stage: Literal["open", "projector", "language", "reference", "sources", "finish"]
    item: str
    done: int
    total: int


Listener = Callable[[Progress], None]

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
"""As in `models.cards.Card.id`."""


@dataclass(frozen=True)
class Plan:
    """Everything that is decided before the first byte is written."""

    checkpoint: Checkpoint
    recipe: Recipe
    identifier: str
    name: str
    prompt: Prompt
    before_ids: tuple[int, ...]
    """Token ids before the picture, beginning with BOS."""
    preparation: Preparation
    context: int
    language: GgufPlan
    projector: GgufPlan

    @property
    def tower(self) -> Tower:
        """The vision tower as this expert uses it."""
        return Tower(self.checkpoint.vision, self.checkpoint.used_layers, self.preparation.mean, self.preparation.std)


def make_plan(folder: Path, options: Options) -> Plan:
    """Open and check the checkpoint at `folder` and decide on everything. Raises ConversionError."""
    recipe = load_recipe(options.recipe)
    identifier = options.identifier or recipe.id
    if not _IDENTIFIER.fullmatch(identifier):
        raise ConversionError("identifier-invalid", "an expert's id is made of small letters, digits, dots, dashes and underscores")
    checkpoint = open_checkpoint(folder, options.vision_tower)
    deltas: dict[str, Delta] = {}
    if options.lora is not None:
        checkpoint, deltas = open_adapter(options.lora, checkpoint)
    prompt = make_prompt(recipe.prompt, checkpoint.vocabulary)
    words = Tokeniser(checkpoint.vocabulary)
    before = (checkpoint.vocabulary.bos_id, *(words.encode(recipe.prompt.before_picture) if recipe.prompt.before_picture else ()))
    preparation = checkpoint.preparation
    if recipe.preparation is not None:
        preparation = Preparation(recipe.preparation, preparation.size, preparation.mean, preparation.std)
    needed = len(before) + checkpoint.vision.patches + len(prompt.question_ids) + len(prompt.answer_start_ids)
    context = -(-(needed + recipe.limits.max_tokens + recipe.limits.spare_tokens) // 256) * 256
    if needed + 16 > checkpoint.text.context:
        raise ConversionError("context-too-short", "picture and question do not fit the language model's context")
    name = options.name or recipe.name
    return Plan(
        checkpoint=checkpoint,
        recipe=recipe,
        identifier=identifier,
        name=name,
        prompt=prompt,
        before_ids=before,
        preparation=preparation,
        context=min(context, checkpoint.text.context),
        language=language_plan(checkpoint, deltas, options.language_type, name),
        projector=projector_plan(checkpoint, deltas, options.projector_type, name),
    )
