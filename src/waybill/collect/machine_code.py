"""Machine code of ours: made once by numba (extra ``compiled``), kept, and loaded without it.

To import numba takes a process .4 s, which a worker that reads 100 MB hardly wins back. The functions of ``compiled``
call nothing, so LLVM makes of them an object file for this processor, and llvmlite loads that in .05 s. It lies in the
user's own cache, under a name that changes with source, compiler and processor, and is trusted as byte code beside
sources is. Workers, which may open no files, get it from their parent.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from waybill.durable import write_file

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "read_lines": ("bytes", "", "word", "int32", "int32", "int32", "int32", "int32", "uint64", "", "", "int64"),
    "join_tokens": ("bytes", "int32", "", "bytes"),
    "may_name_people": ("bytes", "int64", "", "int64"),
    "count_names": ("bytes", "int64", "", "int32", "int64", "bytes", "int64", "int64", "bytes"),
    "hash_records": ("bytes", "int64", "", "int64", "bytes", "", "uint64", "uint64", "uint64"),
    "swap": ("bytes", "int64", "", "int32", "bytes", "int64", "bytes", "int64", "int64", "bytes", "int64"),
}
"""What each function of ``compiled`` is given: the address of so many, a number, or a number of 64 bits."""

IS_LIST, IS_SCALAR, HIDES = 1, 2, 4
"""Marks: a field whose value is a list; a token that is no string; a string with escapes that may hide letters."""

HASHED_TOGETHER = 8
"""Records that are hashed side by side."""

BLAKE2B = (
    0x6A09E667F3BCC908, 0xBB67AE8584CAA73B, 0x3C6EF372FE94F82B, 0xA54FF53A5F1D36F1,
    0x510E527FADE682D1, 0x9B05688C2B3E6C1F, 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179,
)  # fmt: skip
"""What the state of BLAKE2b begins from (RFC 7693, 2.6)."""

NO_ROOM = -1
"""What a function returns that was given too little."""

_HASH_BYTES = 32

_NUMBERS = {"": ctypes.c_int64, "word": ctypes.c_uint64}

Arrays = npt.NDArray[np.uint8] | npt.NDArray[np.int32] | npt.NDArray[np.int64] | npt.NDArray[np.uint64]


class MachineCode:
    """The functions, ready to be called."""

    def __init__(self, content: bytes) -> None:
        from llvmlite import binding

        binding.initialize_native_target()
        binding.initialize_native_asmprinter()
        machine = binding.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
        self._engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine)
        """Owns the code."""
        self._engine.add_object_file(binding.ObjectFileRef.from_data(content))
        self._engine.finalize_object()
        self._functions = {name: self._function(name, kinds) for name, kinds in FUNCTIONS.items()}

    def _function(self, name: str, kinds: Sequence[str]) -> Callable[..., int]:
        parameters = [_NUMBERS.get(kind, ctypes.c_void_p) for kind in kinds]
        return ctypes.CFUNCTYPE(ctypes.c_int64, *parameters)(self._engine.get_function_address(name))

    def __call__(self, name: str, *arguments: Arrays | int) -> int:
        """Call a function with numbers, and with arrays that are as long as it takes them to be."""
        given = [one if isinstance(one, int) else one.ctypes.data for one in arguments]
        return self._functions[name](*given)


def wanted() -> bytes | None:
    """Return the object file, unless ``WAYBILL_COMPILED=0`` in the environment keeps to plain Python."""
    return None if os.environ.get("WAYBILL_COMPILED") == "0" else object_file()


def object_file() -> bytes | None:
    """Return the object file, made now if it was not yet; nothing where the extra ``compiled`` is not installed.

    Half a file is told by its hash.
    """
    if importlib.util.find_spec("numba") is None:
        return None
    path = _path()
    with suppress(OSError):
        kept = path.read_bytes()
        if hashlib.sha256(kept[_HASH_BYTES:]).digest() == kept[:_HASH_BYTES]:
            return kept[_HASH_BYTES:]
    from waybill.collect.compiled import made

    content = made()
    with suppress(OSError):  # who may not keep it makes it again
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_file(path, hashlib.sha256(content).digest() + content)
    return content


def _path() -> Path:
    """Return where the object file for these sources and this processor is kept."""
    import llvmlite
    from llvmlite import binding

    sources = [Path(__file__), *sorted(Path(__file__).parent.glob("compiled*.py"))]
    parts = [source.read_bytes() for source in sources]
    parts += [one.encode() for one in (llvmlite.__version__, binding.get_host_cpu_name())]
    parts.append(binding.get_host_cpu_features().flatten().encode())
    name = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "waybill" / f"collect-{name}.o"
