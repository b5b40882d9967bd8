"""Numbers that authors published, kept as data, so that a user with the same weights sees "published / here" side by side."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Published:
    """One row of a published table. ``metrics`` are named as ours are; values are fractions, not percent."""

    expert: str
    """Repository of the weights."""
    format: str
    """Reader of the same set."""
    metrics: dict[str, float]
    source: str
    note: str = ""
    groups: dict[str, dict[str, float]] = field(default_factory=dict)


_PAPER = "arXiv 2503.14905 and the README of FakeVLM"
_F1 = ("The published F1 is taken as that of the real class: the counts of an independent run (1760, 48, 3172, 20) give 0.981 for it "
       "and 0.989 for the fake class.")

TABLE = (
    Published("lingcco/fakeVLM", "fakeclue", {"accuracy": 0.986, "f1_real": 0.981, "rouge_l": 0.580, "css": 0.877}, _PAPER, _F1),
    Published("lingcco/fakeVLM", "fakeclue", {"accuracy": 0.9864, "recall_real": 0.9735, "tpr": 0.9937},
              "independent reproduction, bfloat16, 5,000 pictures (ZhuYe0729/fake)"),
    Published("lingcco/fakeVLM", "fakeclue", {"accuracy": 0.9876, "recall_real": 0.9801, "tpr": 0.9919},
              "independent reproduction, 4-bit weights (NVFP4), 5,000 pictures (ZhuYe0729/fake)"),
    Published("lingcco/fakeVLM", "fakeclue", {"accuracy": 0.9864, "recall_real": 0.9723, "tpr": 0.9934, "rouge_l": 0.4931, "css": 0.8552},
              "independent reproduction (GWB21), texts of 128 tokens", groups={"deepfake": {"recall_real": 0.8008}}),
    Published("lingcco/fakeVLM", "loki", {"accuracy": 0.843, "f1_real": 0.837, "rouge_l": 0.201, "css": 0.582}, _PAPER, _F1),
    Published("lingcco/fakeVLM", "ddvqa", {"accuracy": 0.932, "f1_real": 0.931, "rouge_l": 0.704, "css": 0.866}, _PAPER, _F1),
    Published("lingcco/fakeVLM", "dmimage", {"accuracy": 0.940, "recall_real": 0.982, "tpr": 0.897}, _PAPER,
              "The paper's F1 within one class (0.991 real, 0.946 fake) follows from these recalls."),
    Published("lingcco/fakeVLM", "ffpp", {"auc": 0.963}, "secondary source, not verified", groups={
        "Deepfakes": {"auc": 0.972}, "Face2Face": {"auc": 0.960}, "FaceSwap": {"auc": 0.968}, "NeuralTextures": {"auc": 0.950},
    }),
    Published("Qwen/Qwen2-VL-72B-Instruct", "fakeclue", {"accuracy": 0.578, "f1_real": 0.565, "rouge_l": 0.175, "css": 0.544}, _PAPER, _F1),
    Published("GPT-4o", "fakeclue", {"accuracy": 0.474, "f1_real": 0.420, "rouge_l": 0.134, "css": 0.407}, _PAPER, _F1),
    Published("Qwen/Qwen2-VL-72B-Instruct", "loki", {"accuracy": 0.554, "f1_real": 0.409, "rouge_l": 0.173, "css": 0.432}, _PAPER, _F1),
    Published("GPT-4o", "loki", {"accuracy": 0.634, "f1_real": 0.572, "rouge_l": 0.147, "css": 0.354}, _PAPER, _F1),
)


def published_for(form: str, *names: str) -> tuple[Published, ...]:
    """Rows for one set and one expert, known by its id, its name or its repository (case does not matter)."""
    wanted = {name.lower() for name in names if name}
    return tuple(row for row in TABLE if row.format == form and {row.expert.lower(), row.expert.lower().rsplit("/", 1)[-1]} & wanted)
