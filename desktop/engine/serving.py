"""The worker's answers: each request as passes of the examiner, each result as a frame. Runs in the worker only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine import machine, packs
from desktop.engine.batched import Batch, Listener
from desktop.engine.drafting import Drafts
from desktop.engine.examiner import Examiner
from desktop.engine.ggml import load_packs
from desktop.engine.native import Pair
from desktop.engine.tracing import trace
from desktop.engine.values import MOST_SLOTS, Answer, Configuration, Examination, Picture, Score, Trace
from desktop.workers.frames import Frame, Header
from models.cards import load_card
from models.errors import WorkerError

Send = Callable[..., None]


class Service:
    """One loaded and proven expert."""

    def __init__(self, folder: Path, options: dict[str, Any], send: Send) -> None:
        """Load and self-test. Raises ExpertError, ImportError, MemoryError."""
        self._send = send
        card = load_card(folder)
        configuration = Configuration.from_facts(options["configuration"])
        last = -1.0

        def report(fraction: float) -> None:
            nonlocal last
            if fraction - last >= 0.02 or fraction >= 1.0:
                last = fraction
                send({"event": "progress", "stage": "load", "fraction": min(1.0, max(0.0, fraction))})

        if configuration.gpu_layers:
            load_packs([pack.folder for pack in packs.fitting(packs.beside_the_program())])
        slots = min(MOST_SLOTS, max(1, int(options.get("slots", 1))))
        self.pair = Pair(folder, card, configuration, capture=bool(options.get("capture", True)),
                         every_layer=bool(options.get("every_layer", False)), slots=slots, progress=report)
        if configuration.gpu_layers and not self.pair.ggml.has_gpu():
            raise WorkerError("engine-failed", "no GPU answered")  # or the processor's work would be called the GPU's
        self.examiner = Examiner(self.pair)
        send({"event": "progress", "stage": "self-test", "fraction": 0.0})
        self.facts: dict[str, Any] = {
            "backend": "GPU" if configuration.gpu_layers else "CPU",
            "devices": self.pair.ggml.devices(),
            "configuration": configuration.as_facts(),
            "capture": list(self.pair.capture.layers),
            "class_order": "corrected" if card.vision.family == "llava" else "as llama.cpp",
            "context": self.pair.context_size,
            "llama_cpp_python": machine.library_version(),
            "build": self.pair.system_info(),
            "cpu": machine.cpu_facts(),
            "self_test": self.examiner.self_test(folder, options.get("proof")),
        }
        self._batch = Batch(self.examiner, Listener(
            on_score=lambda call, score: send({"event": "score", "call": call, "score": score_header(score)}),
            on_text=lambda call, text: send({"event": "text", "call": call, "text": text}),
            on_done=self._examined,
            on_failed=lambda call, error: send({"event": "error", "call": call, "code": error.code}),
        ), Drafts() if options.get("drafts", False) else None)

    @property
    def writing(self) -> list[int]:
        """Calls whose text is being written."""
        return self._batch.calls

    def takes(self, header: Header) -> bool:
        """Whether a request can be begun now."""
        if len(self.pair.text_slots) > 1 and header.get("do") != "examine":
            return True
        return self._batch.free

    def begin(self, frame: Frame, call: int) -> None:
        """Do what a request asks, or begin its text. Raises TelltaleError."""
        if frame.header.get("do") == "examine":
            self._batch.add(call, self._picture(frame), explain=bool(frame.header.get("explain", True)))
        else:
            header, payload = self._answer(frame, call)
            self._send({**header, "event": "done", "call": call}, payload)

    def step(self) -> None:
        """Write one token of every text. Raises Cancelled when there is only one and it is to stop."""
        self._batch.step()

    def cancel(self, call: int) -> None:
        """End the text of a call, if it has one."""
        self._batch.cancel(call)

    def _examined(self, call: int, done: Examination) -> None:
        header, payload = examination_frame(done)
        self._send({**header, "event": "done", "call": call}, payload)

    def _answer(self, frame: Frame, call: int) -> tuple[Header, bytes]:
        header = frame.header
        do = header.get("do")
        if do == "text-logits":
            return {}, self.examiner.text_logits([int(token) for token in header["ids"]]).tobytes()
        if do == "speed":
            return {"speed": self.examiner.speed()}, b""
        picture = self._picture(frame)
        if do == "attention":
            return {}, self.examiner.attention(picture, str(header["question"])).tobytes()
        if do == "trace":
            return trace_frame(trace(self.examiner, picture))
        if do == "hidden":
            hidden = np.frombuffer(bytes.fromhex(str(header["cells"])), np.bool_)
            return {"score": score_header(self.examiner.score_hidden(picture, hidden))}, b""
        if do == "encode":
            rows = self.examiner.embeddings(picture, corrected=bool(header.get("corrected", True)))
            return {"shape": list(rows.shape)}, rows.tobytes()
        if do == "score":
            return {"score": score_header(self.examiner.score(picture))}, b""

        def on_text(text: str) -> None:
            self._send({"event": "text", "call": call, "text": text})

        if do == "ask":
            return answer_header(self.examiner.ask(picture, str(header.get("question", "")), on_text)), b""
        raise WorkerError("worker-protocol", "unknown request")

    def _picture(self, frame: Frame) -> Picture:
        size = self.pair.card.preparation.size
        if len(frame.payload) != size * size * 3:
            raise WorkerError("worker-protocol", "a picture of the wrong size")
        return np.frombuffer(frame.payload, np.uint8).reshape(size, size, 3)


def score_header(score: Score) -> dict[str, Any]:
    """A score as JSON values; Python writes and reads its floats back bit for bit."""
    return {"log_odds": score.log_odds, "p_fake": score.p_fake, "mass": score.mass, "answer": score.answer, "encode_s": score.encode_s,
            "score_s": score.score_s}


def examination_frame(done: Examination) -> tuple[Header, bytes]:
    """The end of an examination; the maps one after the other as float32."""
    maps = [claim.map for claim in done.claims if claim.map is not None]
    claims = [{"span": list(claim.span), "map": claim.map is not None} for claim in done.claims]
    grid = list(maps[0].shape) if maps else [0, 0]
    return {"score": score_header(done.score), "text": done.text, "text_state": done.text_state, "claims": claims, "grid": grid,
            "explain_s": done.explain_s, "grounding": done.grounding, "tokens": done.tokens}, b"".join(m.tobytes() for m in maps)


def trace_frame(done: Trace) -> tuple[Header, bytes]:
    """A trace: the contrast, the comparison question's attention and each claim's one after the other as float32."""
    header = {"score": score_header(done.score), "text": done.text, "spans": [list(span) for span in done.spans],
              "shape": list(done.baseline.shape)}
    return header, b"".join(np.ascontiguousarray(part).tobytes() for part in (done.contrast, done.baseline, done.claims))


def answer_header(answer: Answer) -> Header:
    """An answer as JSON values."""
    return {"text": answer.text, "text_state": answer.text_state, "experimental": answer.experimental, "yes_log_odds": answer.yes_log_odds,
            "first_token_s": answer.first_token_s, "seconds": answer.seconds, "reused": answer.reused}
