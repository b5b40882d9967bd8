"""The sides of ``benchmarks.speed``: ours and everybody else who can run the same pair of files on the same machine.

Every side is told the same prepared squares, the same prompt and the same number of tokens, and is watched from outside: seconds,
processor seconds and peak memory of its processes.
"""

import base64
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from desktop.engine import Engine, EngineSettings, choosing, lanes
from desktop.engine.values import Score
from models.cards import Card, load_card

Picture = NDArray[np.uint8]
TICK = os.sysconf("SC_CLK_TCK")
# Everybody waits passively: on a machine that does other things too, spinning threads would be counted as work.
ENVIRONMENT = {**os.environ, "OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Done:
    """One picture: seconds to the verdict (or the first token) and to the end of the text, and the tokens written."""

    verdict_s: float
    text_s: float
    tokens: int


@dataclass(frozen=True)
class Pair:
    """What everybody runs. ``tokens``: written for each picture by sides that would not end by themselves at the same place."""

    folder: Path
    card: Card
    tokens: int
    threads: int

    @property
    def language(self) -> Path:
        return self.folder / self.card.language.file

    @property
    def projector(self) -> Path:
        return self.folder / self.card.projector.file

    @property
    def prompt(self) -> str:
        """The text after the picture; the start of the answer is part of it, as for us."""
        return self.card.prompt.question + self.card.prompt.answer_start


def open_pair(folder: Path, tokens: int, threads: int) -> Pair:
    return Pair(folder, load_card(folder), tokens, threads)


class Side(ABC):
    """Somebody who examines pictures. ``pids`` are the processes that do the work."""

    name = ""
    most = 1 << 30
    """Pictures that this side is given at most in a round: the slow ones need not prove it often."""

    def start(self) -> None:  # noqa: B027 - a side that is a process for each picture has nothing to start
        """Get ready; not counted."""

    def stop(self) -> None:  # noqa: B027
        """End what was started."""

    def pids(self) -> list[int]:
        return []

    @abstractmethod
    def run(self, pictures: Sequence[Picture]) -> list[Done]:
        """Examine ``pictures``, in their order."""


class Ours(Side):
    """Telltale's engine: scores, text, attention for the claims, class-token order corrected."""

    def __init__(self, pair: Pair, slots: int, *, plain: bool = False, most: int = Side.most) -> None:
        """``plain``: with llama.cpp's own products of weights, whatever this machine could do."""
        self.name = f"Telltale, {slots} together" if slots > 1 else "Telltale, one at a time"
        self.name += " (llama.cpp's products)" if plain else ""
        self._pair, self._slots, self.most = pair, slots, most
        settings = EngineSettings(threads=pair.threads)
        self._configuration = choosing.safe(settings, pair.card.language.bytes) if plain else None

    def start(self) -> None:
        settings = EngineSettings(slots=self._slots, threads=self._pair.threads, configuration=self._configuration)
        self._engine = Engine.open(self._pair.folder, settings=settings)
        grey = np.full((self._pair.card.preparation.size,) * 2 + (3,), 128, np.uint8)
        with ThreadPoolExecutor(self._slots) as pool:  # processes that come when they are wanted belong to the start, as the server's do
            while len(self._engine.pids) < lanes.count(settings, self._pair.card):
                list(pool.map(lambda _: self._engine.score(grey), range(self._slots)))

    def stop(self) -> None:
        self._engine.close()

    def pids(self) -> list[int]:
        return self._engine.pids

    def run(self, pictures: Sequence[Picture]) -> list[Done]:
        def one(picture: Picture) -> Done:
            started, verdict = time.perf_counter(), [0.0]

            def on_score(_score: Score) -> None:
                verdict[0] = time.perf_counter() - started

            done = self._engine.examine(picture, on_score=on_score)
            return Done(verdict[0], time.perf_counter() - started, done.tokens)

        with ThreadPoolExecutor(self._slots + (self._slots > 1)) as pool:
            return list(pool.map(one, pictures))


class Server(Side):
    """llama.cpp's server with continuous batching."""

    def __init__(self, pair: Pair, program: Path, slots: int, *options: str) -> None:
        self.name = f"llama-server, {slots} slots" + (f" ({' '.join(options)})" if options else "")
        self._pair, self._program, self._slots, self._options = pair, program, slots, options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        context = self._pair.card.generation.context * self._slots
        command = [str(self._program), "-m", str(self._pair.language), "--mmproj", str(self._pair.projector), "-np", str(self._slots),
                   "-c", str(context), "-t", str(self._pair.threads), "--port", str(self._port), "--no-ui", "--cache-ram", "0",
                   *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        for _ in range(1200):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/health", timeout=5) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                if self._process.poll() is not None:
                    raise SystemExit(f"llama-server ended with status {self._process.returncode}") from None
                time.sleep(0.25)
        else:
            raise SystemExit("llama-server did not start")
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/props", timeout=60) as answer:
            self._marker = json.load(answer)["media_marker"]

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def pids(self) -> list[int]:
        return [self._process.pid] if self._process is not None else []

    def run(self, pictures: Sequence[Picture]) -> list[Done]:
        with ThreadPoolExecutor(self._slots) as pool:
            return list(pool.map(self._one, pictures))

    def _one(self, picture: Picture) -> Done:
        prompt = {"prompt_string": self._marker + self._pair.prompt, "multimodal_data": [base64.b64encode(png(picture)).decode()]}
        body = {"prompt": prompt,
                "n_predict": self._pair.tokens, "temperature": 0, "stream": True, "cache_prompt": False, "ignore_eos": True}
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/completion", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        started, first, tokens = time.perf_counter(), 0.0, 0
        with urllib.request.urlopen(request, timeout=7200) as answer:  # noqa: S310 - to this very machine
            for line in answer:
                if line.startswith(b"data: "):
                    first = first or time.perf_counter() - started
                    tokens += 1
        return Done(first, time.perf_counter() - started, tokens - 1)


class CommandLine(Side):
    """llama.cpp's multimodal command-line tool: a process, and the loading of the files, for every picture."""

    name = "llama-mtmd-cli"
    most = 2

    def __init__(self, pair: Pair, program: Path, work: Path, *options: str) -> None:
        self._pair, self._program, self._work, self._options = pair, program, work, options
        if options:
            self.name += f" ({' '.join(options)})"

    def run(self, pictures: Sequence[Picture]) -> list[Done]:
        found = []
        for picture in pictures:
            file = self._work / "picture.png"
            file.write_bytes(png(picture))
            command = [str(self._program), "-m", str(self._pair.language), "--mmproj", str(self._pair.projector), "--image", str(file),
                       "-p", self._pair.prompt, "-n", str(self._pair.tokens), "--temp", "0", "-t", str(self._pair.threads),
                       "-c", str(self._pair.card.generation.context), "--chat-template", "vicuna", "--ignore-eos", *self._options]
            started = time.perf_counter()
            result = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT, check=False)
            if result.returncode:
                raise SystemExit(f"{self.name} ended with status {result.returncode}")
            found.append(Done(float("nan"), time.perf_counter() - started, self._pair.tokens))
        return found


class Script(Side):
    """A Python program that loads once, reads ``.npy`` pictures' names and prints a JSON line for each."""

    def __init__(self, name: str, python: Path, script: str, arguments: Sequence[str], work: Path, most: int) -> None:
        self.name, self.most = name, most
        self._command = [str(python), "-c", script, *arguments]
        self._work = work
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                         env=ENVIRONMENT)
        assert self._process.stdout is not None
        if self._process.stdout.readline().strip() != "ready":
            raise SystemExit(f"{self.name} did not start")

    def stop(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def pids(self) -> list[int]:
        return [self._process.pid] if self._process is not None else []

    def run(self, pictures: Sequence[Picture]) -> list[Done]:
        assert self._process is not None and self._process.stdin is not None and self._process.stdout is not None
        found = []
        for picture in pictures:
            np.save(self._work / "picture.npy", picture)
            self._process.stdin.write(f"{self._work / 'picture.npy'}\n")
            self._process.stdin.flush()
            found.append(Done(**json.loads(self._process.stdout.readline())))
        return found


STOCK = """
import base64, io, json, sys, time
import numpy as np
from PIL import Image
from llama_cpp import Llama
from llama_cpp.llama_chat_format import Llava15ChatHandler
language, projector, question, tokens, threads, context = sys.argv[1:7]
handler = Llava15ChatHandler(clip_model_path=projector, verbose=False)
llama = Llama(language, chat_handler=handler, n_ctx=int(context), n_threads=int(threads), n_threads_batch=int(threads), verbose=False)
print("ready", flush=True)
for line in sys.stdin:
    data = io.BytesIO()
    Image.fromarray(np.load(line.strip())).save(data, "PNG")
    url = "data:image/png;base64," + base64.b64encode(data.getvalue()).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": question}]
    started, first, count = time.perf_counter(), 0.0, 0
    for piece in llama.create_chat_completion(messages=[{"role": "user", "content": content}], max_tokens=int(tokens), temperature=0,
                                              repeat_penalty=1.0, stream=True):
        if piece["choices"][0]["delta"].get("content"):
            first = first or time.perf_counter() - started
            count += 1
    print(json.dumps({"verdict_s": first, "text_s": time.perf_counter() - started, "tokens": count}), flush=True)
"""

TRANSFORMERS = """
import json, sys, time
import numpy as np, torch
from transformers import LlavaForConditionalGeneration
checkpoint, ids, picture_id, patches, mean, std, tokens, threads = json.loads(sys.argv[1])
torch.set_num_threads(threads)
model = LlavaForConditionalGeneration.from_pretrained(checkpoint, dtype=torch.bfloat16).eval()
print("ready", flush=True)
for line in sys.stdin:
    pixels = (np.load(line.strip()).astype(np.float32) / 255 - mean) / std
    pixels = torch.from_numpy(pixels.transpose(2, 0, 1)[None].astype(np.float32)).to(torch.bfloat16)
    given = torch.tensor([[1] + [picture_id] * patches + ids])
    started = time.perf_counter()
    with torch.no_grad():
        out = model(input_ids=given, pixel_values=pixels, use_cache=True, logits_to_keep=1)
        first = time.perf_counter() - started
        past, token = out.past_key_values, out.logits[:, -1:].argmax(-1)
        for _ in range(tokens - 1):
            out = model(input_ids=token, past_key_values=past, use_cache=True)
            past, token = out.past_key_values, out.logits[:, -1:].argmax(-1)
    print(json.dumps({"verdict_s": first, "text_s": time.perf_counter() - started, "tokens": tokens}), flush=True)
"""


def stock(pair: Pair, work: Path) -> Side:
    """llama-cpp-python's own chat handler, as its documentation shows it."""
    arguments = [str(pair.language), str(pair.projector), pair.card.prompt.question, str(pair.tokens), str(pair.threads),
                 str(pair.card.generation.context)]
    return Script("llama-cpp-python, stock chat handler", Path(sys.executable), STOCK, arguments, work, most=2)


def transformers(pair: Pair, python: Path, checkpoint: Path, work: Path) -> Side:
    """The checkpoint that the pair was made of, in bf16."""
    card = pair.card
    size = card.vision.patches(card.preparation.size)
    picture_id = json.loads((checkpoint / "config.json").read_text())["image_token_index"]
    ids = [*card.prompt.question_ids, *card.prompt.answer_start_ids]
    given = json.dumps([str(checkpoint), ids, picture_id, size, list(card.preparation.mean), list(card.preparation.std), pair.tokens,
                        pair.threads])
    return Script("transformers, bf16", python, TRANSFORMERS, [given], work, most=1)


def png(picture: Picture) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "PNG", compress_level=1)
    return data.getvalue()


def processor_seconds(pids: Sequence[int]) -> float:
    """Processor time used so far by these processes."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def peak_memory(pids: Sequence[int]) -> int:
    """Largest resident sets of these processes together, bytes."""
    return sum(_status(pid, "VmHWM") for pid in pids)


def _status(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    return 0


Factory = Callable[[], Side]
Facts = dict[str, Any]
