"""llama.cpp, loaded: one language model with its vision tower, one context, single-sequence passes. Only the worker imports this module.

Sources: include/llama.h and tools/mtmd/mtmd.h of llama.cpp 0c1e57098 (llama-cpp-python 0.3.36); research: llava-to-gguf.md §7, §10, §12.
"""

import contextlib
import ctypes
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from desktop.engine.accelerator import open_int8
from desktop.engine.capture import Capture
from desktop.engine.encoded import EncodedPicture, Part
from desktop.engine.ggml import Ggml, Log, Stop, as_pointer, low_level
from desktop.engine.tower import Tower, read_tower
from desktop.engine.values import Configuration, Floats, Picture
from models.cards import Card
from models.errors import Cancelled, ExpertError, WorkerError

_FLASH_OFF, _FLASH_ON = 0, 1
_LOAD_MMAP = 1
_ABORTED = 2
_IMAGE_CHUNK = 1


class Pair:
    """A loaded expert. One thread only, but ``stop.set()`` from anywhere makes the running pass raise Cancelled."""

    def __init__(self, folder: Path, card: Card, configuration: Configuration, *, capture: bool, every_layer: bool = False, slots: int = 1,
                 progress: Callable[[float], None] = lambda _fraction: None) -> None:
        """Load both files. ``capture``: attention can be read, of the card's layers, or of ``every_layer`` with every head.

        Raises ExpertError ``expert-load-failed``, ``engine-out-of-memory``, ``expert-shape-differs``, ``class-order-not-corrected`` or
        ``context-too-small``; ImportError when llama.cpp itself does not load.
        """
        self.card, self.configuration = card, configuration
        # Slot 0 is for everything but texts; only when there is one alone, it is for texts too.
        self._sequences = 1 if slots == 1 else slots + 1
        self.text_slots = range(1) if slots == 1 else range(1, self._sequences)
        self._llama, self._mtmd = low_level()
        self.ggml = Ggml(Path(self._llama.__file__).parent / "lib")
        self.log = Log(self._llama, self._mtmd)
        self._int8 = open_int8(card, slots) if configuration.int8 else None
        self.stop = Stop(self._llama)
        self._capture_possible = capture and not configuration.flash_attention
        self._every_layer = every_layer
        self.capture = Capture(self.ggml, ())
        self._pieces: dict[int, bytes] = {}
        self._keep: list[Any] = []  # callbacks that the native side holds pointers to
        self._tower: Tower | None = None
        self._sequence: Floats | None = None
        self._corrected = 0
        self._leaves_out = configuration.gpu_layers == 0 and not configuration.int8
        self._model: Any = None
        self._context: Any = None
        self._vision: Any = None
        self._vocabulary: Any = None
        self._batch: Any = None
        self.vocabulary_size = self.context_size = self.batch_size = 0
        if card.vision.family == "llava":
            self._tower = read_tower(folder / card.projector.file)
            self._check_tower(self._tower)
        self._llama.llama_backend_init()
        self._load_language(folder / card.language.file, progress)
        self._make_context()
        self._load_vision(folder / card.projector.file)
        self.memory = self._llama.llama_get_memory(self._context)
        self._never = self._untrained()

    # -- facts -----------------------------------------------------------------------------------------------

    def system_info(self) -> str:
        """llama.cpp's own line about the processor features that it was built for and found."""
        return str(self._llama.llama_print_system_info().decode("utf-8", "replace")).strip()

    def gpu_possible(self) -> bool:
        """Whether this build can offload to a GPU at all."""
        return bool(self._llama.llama_supports_gpu_offload())

    # -- text ------------------------------------------------------------------------------------------------

    def tokenize(self, text: str, *, control: bool = False) -> list[int]:
        """Token ids of ``text`` as llama.cpp makes them, without BOS; words that look like control tokens stay words unless ``control``."""
        data = text.encode("utf-8")
        ids = (self._llama.llama_token * (len(data) + 8))()
        count = self._llama.llama_tokenize(self._vocabulary, data, len(data), ids, len(ids), False, control)
        if count < 0:
            raise ExpertError("expert-load-failed", "the expert's vocabulary cannot tokenise its own question")
        return list(ids[:count])

    def piece(self, token: int) -> bytes:
        """The bytes of a token's text; control tokens have none."""
        if token in self._pieces:
            return self._pieces[token]
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            count = self._llama.llama_token_to_piece(self._vocabulary, token, buffer, size, 0, False)
            if count >= 0:
                return self._pieces.setdefault(token, buffer.raw[:count])
            size = -count

    def is_end(self, token: int) -> bool:
        """Whether the token ends an answer."""
        return token == self.card.prompt.eos_id or bool(self._llama.llama_vocab_is_eog(self._vocabulary, token))

    def greedy(self, logits: Floats) -> int:
        """The likeliest id that was ever trained; the lowest of equals."""
        return int(np.argmax(np.where(self._never[: logits.size], np.float32(-np.inf), logits)))

    # -- picture ---------------------------------------------------------------------------------------------

    def encode(self, picture: Picture, *, corrected: bool = True) -> EncodedPicture:
        """Run the vision tower on a prepared square; the result must be freed (``close``).

        Raises ExpertError ``class-order-not-corrected`` unless the correction took place exactly once, WorkerError ``engine-failed``.
        ``corrected=False`` leaves llama.cpp's own order in place; for tests and measurements only.
        """
        self._begin()
        height, width, _ = picture.shape
        pixels = np.ascontiguousarray(picture)
        encoded = EncodedPicture(self._mtmd)
        try:
            encoded.bitmap = self._mtmd.mtmd_bitmap_init(width, height, as_pointer(pixels, ctypes.c_uint8))
            encoded.chunks = self._mtmd.mtmd_input_chunks_init()
            marker = self._mtmd.mtmd_default_marker()
            text = self._mtmd.mtmd_input_text(marker, len(marker), False, True)
            bitmaps = (ctypes.c_void_p * 1)(encoded.bitmap)
            if self._mtmd.mtmd_tokenize(self._vision, encoded.chunks, ctypes.byref(text), bitmaps, 1) != 0:
                raise WorkerError("engine-failed", "llama.cpp did not take the picture")
            self._sequence = self._tower.sequence(picture) if self._tower and corrected else None
            for number in range(self._mtmd.mtmd_input_chunks_size(encoded.chunks)):
                chunk = self._mtmd.mtmd_input_chunks_get(encoded.chunks, number)
                encoded.parts.append(self._encode_chunk(chunk))
            if self._sequence is not None and len(encoded.parts) != 1:
                raise ExpertError("class-order-not-corrected", "llama.cpp cut the picture in pieces; no verdict")
        except BaseException:
            encoded.close()
            raise
        finally:
            self._sequence = None
        return encoded

    def _encode_chunk(self, chunk: Any) -> Part:
        if self._mtmd.mtmd_input_chunk_get_type(chunk) != _IMAGE_CHUNK:
            count = ctypes.c_size_t()
            ids = self._mtmd.mtmd_input_chunk_get_tokens_text(chunk, ctypes.byref(count))
            return Part(ids=list(ids[: count.value]))
        self._corrected = 0
        if self._mtmd.mtmd_encode_chunk(self._vision, chunk) != 0:
            raise WorkerError("engine-failed", "llama.cpp could not encode the picture")
        if self._sequence is not None and self._corrected != 1:
            raise ExpertError("class-order-not-corrected", "llama.cpp ran the vision tower in an unexpected way; no verdict")
        rows = self._mtmd.mtmd_input_chunk_get_n_tokens(chunk)
        output = self._mtmd.mtmd_get_output_embd(self._vision)
        columns = self._llama.llama_model_n_embd_inp(self._model)
        return Part(chunk=chunk, rows=np.ctypeslib.as_array(output, (rows, columns)).astype(np.float32, copy=True))

    # -- passes ----------------------------------------------------------------------------------------------

    def clear(self, slot: int = 0) -> None:
        """Forget everything in a slot. With one slot the numbers too, so that not even a NaN could outlive its picture."""
        if self._sequences == 1:
            self._llama.llama_memory_clear(self.memory, True)
        else:
            self._llama.llama_memory_seq_rm(self.memory, slot, -1, -1)

    def copy_slot(self, source: int, target: int, end: int) -> bool:
        """Make ``target`` hold what ``source`` holds up to position ``end``; False when this model cannot."""
        self.clear(target)
        self._llama.llama_memory_seq_cp(self.memory, source, target, -1, -1)
        return self.forget_from(end, target)

    def forget_from(self, position: int, slot: int = 0) -> bool:
        """Forget positions from ``position`` on; False when this model cannot."""
        return bool(self._llama.llama_memory_seq_rm(self.memory, slot, position, -1))

    def decode_ids(self, ids: Sequence[int], position: int, slot: int = 0) -> Floats:
        """Decode token ids from ``position`` on; the logits after the last one, float32 (vocabulary,), valid until the next pass.

        Raises Cancelled, WorkerError ``engine-failed``, ExpertError ``context-too-small``.
        """
        if position + len(ids) > self.context_size:
            raise ExpertError("context-too-small", "the question does not fit into the expert's context")
        batch = self._batch
        for start in range(0, len(ids), self.batch_size):
            piece = ids[start:start + self.batch_size]
            batch.n_tokens = len(piece)
            for n, token in enumerate(piece):
                self._put(n, token, position + start + n, slot, wanted=False)
            batch.logits[len(piece) - 1] = 1
            self._begin()
            self.capture.expect(len(piece), (slot,))
            self._finish(self._llama.llama_decode(self._context, batch))
        return self.logits()

    def decode_run(self, ids: Sequence[int], position: int, slot: int) -> list[Floats]:
        """Decode at most ``batch_size`` token ids from ``position`` on in one pass; the logits after each, copied. Raises as
        ``decode_ids``."""
        for n, token in enumerate(ids):
            self._put(n, token, position + n, slot, wanted=True)
        self._batch.n_tokens = len(ids)
        self._begin()
        self.capture.expect(len(ids), (slot,))
        self._finish(self._llama.llama_decode(self._context, self._batch))
        return self._rows(len(ids))

    def _rows(self, count: int) -> list[Floats]:
        return [np.ctypeslib.as_array(self._llama.llama_get_logits_ith(self._context, n), (self.vocabulary_size,)).copy()
                for n in range(count)]

    def logits(self) -> Floats:
        """The logits after the last token of the last pass, float32 (vocabulary,), valid until the next pass."""
        return np.ctypeslib.as_array(self._llama.llama_get_logits_ith(self._context, -1), (self.vocabulary_size,))

    def decode_step(self, steps: Sequence[tuple[int, int, int]]) -> list[Floats]:
        """One token for each of several slots, ``(slot, token, position)`` in order of slots; the logits after each, copied.

        Raises as ``decode_ids``.
        """
        for n, (slot, token, position) in enumerate(steps):
            self._put(n, token, position, slot, wanted=True)
        self._batch.n_tokens = len(steps)
        self._begin()
        self.capture.expect(1, tuple(slot for slot, _, _ in steps))
        tokens, threads = self.configuration.token_threads, self.configuration.threads
        try:
            if tokens != threads:  # a few rows are still what one thread does best in a small model
                self._llama.llama_set_n_threads(self._context, tokens, tokens)
            self._finish(self._llama.llama_decode(self._context, self._batch))
        finally:
            if tokens != threads:
                self._llama.llama_set_n_threads(self._context, tokens, threads)
        return self._rows(len(steps))

    def _put(self, n: int, token: int, position: int, slot: int, *, wanted: bool) -> None:
        batch = self._batch
        batch.token[n], batch.pos[n], batch.n_seq_id[n], batch.logits[n] = token, position, 1, int(wanted)
        batch.seq_id[n][0] = slot

    def decode_picture(self, part: Part, position: int, slot: int = 0) -> int:
        """Decode the embeddings of one picture chunk; the position after it. Raises Cancelled, WorkerError ``engine-failed``."""
        after = ctypes.c_int32()
        rows = np.ascontiguousarray(part.rows, np.float32)
        if position + len(rows) > self.context_size:
            raise ExpertError("context-too-small", "the picture does not fit into the expert's context")
        self._begin()
        self._finish(self._mtmd.mtmd_helper_decode_image_chunk(
            self._vision, self._context, part.chunk, as_pointer(rows, ctypes.c_float), position, slot, self.batch_size, ctypes.byref(after),
            self._mtmd.mtmd_helper_post_decode_callback(), None,
        ))
        return after.value

    def close(self) -> None:
        """Free everything native."""
        frees = (self._mtmd.mtmd_free, self._llama.llama_free, self._llama.llama_model_free)
        for free, thing in zip(frees, (self._vision, self._context, self._model), strict=True):
            if thing:
                free(thing)
        self._vision = self._context = self._model = None

    # -- loading ---------------------------------------------------------------------------------------------

    def _load_language(self, path: Path, progress: Callable[[float], None]) -> None:
        def report(fraction: float, _data: int | None) -> bool:
            progress(float(fraction))
            return not self.stop

        parameters = self._llama.llama_model_default_params()
        parameters.n_gpu_layers = self.configuration.gpu_layers
        parameters.use_extra_bufts = self.configuration.extra_buffers
        parameters.load_mode = _LOAD_MMAP
        parameters.progress_callback = self._kept(self._llama.llama_progress_callback(report))
        self._model = self._llama.llama_model_load_from_file(_native_path(path), parameters)
        if not self._model:
            self._begin()
            raise self._load_error("the language model")
        self._vocabulary = self._llama.llama_model_get_vocab(self._model)
        self.vocabulary_size = int(self._llama.llama_vocab_n_tokens(self._vocabulary))
        if self._llama.llama_model_n_embd_inp(self._model) != self.card.vision.output_width:
            raise ExpertError("expert-shape-differs", "the language model has another width than the card says")
        prompt = self.card.prompt
        top = max(*prompt.fake_ids, *prompt.real_ids, *prompt.question_ids, *prompt.answer_start_ids)
        if top >= self.vocabulary_size:
            raise ExpertError("expert-shape-differs", "the card names token ids that the language model does not have")
        layers, heads = int(self._llama.llama_model_n_layer(self._model)), int(self._llama.llama_model_n_head(self._model))
        wanted = self.card.grounding
        if any(not 0 <= layer < layers for layer in wanted.layers) or any(not 0 <= head < heads for _, head in wanted.heads):
            raise ExpertError("expert-shape-differs", "the card names layers or heads that the language model does not have")
        if self._capture_possible:
            every = self._every_layer
            self.capture = Capture(self.ggml, range(layers) if every else wanted.layers, () if every else wanted.heads)
            self.capture.heads = heads

    def _make_context(self) -> None:
        card = self.card
        patches = card.vision.patches(card.preparation.size)
        if 1 + patches + len(card.prompt.question_ids) + len(card.prompt.answer_start_ids) >= card.generation.context:
            raise ExpertError("context-too-small", "the card's context does not hold the picture and the question")
        # One batch holds the whole picture: a pass of fixed shape, whatever the picture.
        self.batch_size = max(64, -(-patches // 32) * 32)
        parameters = self._llama.llama_context_default_params()
        parameters.n_ctx = card.generation.context * self._sequences
        parameters.n_batch = parameters.n_ubatch = self.batch_size
        parameters.n_seq_max, parameters.kv_unified = self._sequences, False  # a memory of its own for each slot
        parameters.n_threads, parameters.n_threads_batch = self.configuration.token_threads, self.configuration.threads
        parameters.flash_attn_type = _FLASH_ON if self.configuration.flash_attention else _FLASH_OFF
        parameters.abort_callback, parameters.abort_callback_data = self.stop.callback, self.stop.data
        parameters.offload_kqv = self.configuration.gpu_layers != 0
        parameters.op_offload = self.configuration.gpu_layers != 0
        parameters.no_perf = True
        if self.capture.layers:
            parameters.cb_eval = self._kept(self._llama.ggml_backend_sched_eval_callback(self.capture.on_node))
        self._context = self._llama.llama_init_from_model(self._model, parameters)
        if not self._context:
            raise self._load_error("the context")
        self.context_size = int(self._llama.llama_n_ctx_seq(self._context))
        self._batch = self._llama.llama_batch_init(self.batch_size, 0, 1)

    def _load_vision(self, path: Path) -> None:
        parameters = self._mtmd.mtmd_context_params_default()
        parameters.n_threads = self.configuration.threads
        parameters.print_timings = parameters.warmup = False
        parameters.flash_attn_type = _FLASH_ON if self.configuration.flash_attention else _FLASH_OFF
        if self._tower is not None:
            parameters.cb_eval = self._kept(self._llama.ggml_backend_sched_eval_callback(self._on_vision_node))
        with self._int8.as_gpu() if self._int8 else contextlib.nullcontext():
            parameters.use_gpu = self._int8 is not None or self.configuration.gpu_layers != 0
            self._vision = self._mtmd.mtmd_init_from_file(_native_path(path), self._model, parameters)
        if not self._vision:
            raise self._load_error("the vision tower")

    def _on_vision_node(self, tensor: int, ask: bool, _data: int | None) -> bool:
        """Called by ggml for every node of the vision graph. An exception must not cross into C, so failures only fail to count."""
        if self._sequence is None:
            return not ask
        if self.ggml.name(tensor) != b"pre_ln":
            if ask and not self._corrected and self._leaves_out:
                self.ggml.leave_out(tensor)  # it would only make what is overwritten: a quarter of a small expert's time
            return not ask
        if ask:
            return True
        if self.ggml.nbytes(tensor) == self._sequence.nbytes:
            self.ggml.write(tensor, self._sequence)
            self._corrected += 1
        return True

    def _check_tower(self, tower: Tower) -> None:
        vision, preparation = self.card.vision, self.card.preparation
        if (tower.patch, tower.class_embedding.size, tower.size) != (vision.patch, vision.width, preparation.size):
            raise ExpertError("expert-shape-differs", "the vision tower has another shape than the card says")
        if not (np.allclose(tower.mean, preparation.mean, atol=1e-6) and np.allclose(tower.std, preparation.std, atol=1e-6)):
            raise ExpertError("expert-shape-differs", "the vision tower normalises pictures in another way than the card says")

    def _untrained(self) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        never = np.zeros(self.vocabulary_size, np.bool_)
        if self.card.generation.usable_vocabulary is not None:
            never[self.card.generation.usable_vocabulary:] = True
        for token in range(self.vocabulary_size):
            if self._llama.llama_vocab_is_control(self._vocabulary, token) and not self.is_end(token):
                never[token] = True
        return never

    def _kept(self, callback: Any) -> Any:
        self._keep.append(callback)
        return callback

    def _begin(self) -> None:
        if self.stop:
            raise Cancelled()

    def _finish(self, status: int) -> None:
        if status == 0:
            return
        if status == _ABORTED or self.stop:
            raise Cancelled()
        if self.log.out_of_memory():
            raise ExpertError("engine-out-of-memory", "there is not enough memory for this expert")
        raise WorkerError("engine-failed", "llama.cpp could not compute")

    def _load_error(self, what: str) -> ExpertError:
        if self.log.out_of_memory():
            return ExpertError("engine-out-of-memory", "there is not enough memory for this expert")
        return ExpertError("expert-load-failed", f"llama.cpp could not load {what}")


def _native_path(path: Path) -> bytes:
    # llama.cpp takes UTF-8 on every system, Windows too (ggml_fopen).
    return str(path).encode("utf-8", "surrogateescape")
