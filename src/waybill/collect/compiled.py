"""Makes machine code of what is done to every byte of a log (extra ``compiled``).

The functions get addresses and lengths, write into room that they are given, and call nothing: so their machine code
needs neither numba nor Python where it runs. ``machine_code`` keeps and loads it.
"""

from __future__ import annotations

from typing import Any

from llvmlite import binding
from numba import cfunc, types

from waybill.collect.compiled_hashing import hash_records
from waybill.collect.compiled_people import count_names, may_name_people, swap
from waybill.collect.compiled_records import join_tokens, read_lines
from waybill.collect.machine_code import FUNCTIONS

_ADDRESS_OF: Any = types.CPointer
_KINDS = {
    "": types.int64,
    "word": types.uint64,
    "bytes": _ADDRESS_OF(types.uint8),
    "int32": _ADDRESS_OF(types.int32),
    "int64": _ADDRESS_OF(types.int64),
    "uint64": _ADDRESS_OF(types.uint64),
}
"""The types of ``machine_code.FUNCTIONS``."""


def made() -> bytes:
    """Return the object file of all functions, for this processor."""
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(),
        features=binding.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
    )
    whole = binding.parse_assembly("")
    for function in (read_lines, join_tokens, may_name_people, count_names, swap, hash_records):
        compiled = cfunc(types.int64(*map(_KINDS.__getitem__, FUNCTIONS[function.__name__])))(function)
        assembly = compiled.inspect_llvm().replace(compiled.native_name, function.__name__)
        whole.link_in(binding.parse_assembly(assembly))
    content: bytes = machine.emit_object(whole)
    return content
