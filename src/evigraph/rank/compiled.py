"""Compiling: numba with a disk cache where there is a place for one, and a prefetch instruction."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

_FOR_WRITING, _KEEP_IN_ALL_CACHES, _DATA = 1, 3, 1


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` compiled at its first call, and kept on disk for the next process.

    Floating-point operations keep the order in which they are written, so the same input gives the same bits.
    Where neither the package's folder nor the user's cache can be written, each process compiles anew.
    """
    try:
        dispatcher = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        return njit(nogil=True)(function)
    # numba looks only at the file of a function to tell whether what it kept is stale, while compiled code holds
    # copies of functions and constants of its neighbours. So all files of this package are the stamp.
    kept: Any = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if hasattr(kept, "_source_stamp"):
        kept._source_stamp = digest_of_package()
    return dispatcher


@functools.cache
def digest_of_package() -> str:
    """The digest of all files of this package."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _prefetch(typing_context: Any, array: Any, row: Any) -> Any:
    """Type and instruction of `prefetch`."""
    signature = types.void(array, row)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type, row_type = signature.args
        view = context.make_array(array_type)(context, builder, arguments[0])
        first = context.cast(builder, arguments[1], row_type, types.intp)
        zero = context.get_constant(types.intp, 0)
        place = [first] + [zero] * (array_type.ndim - 1)
        address = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
            context, builder, array_type, view, place, wraparound=False
        )
        byte = ir.IntType(8).as_pointer()
        number = ir.IntType(32)
        instruction = cgutils.get_or_insert_function(  # type: ignore[no-untyped-call]
            builder.module, ir.FunctionType(ir.VoidType(), [byte, number, number, number]), "llvm.prefetch.p0i8"
        )
        builder.call(
            instruction,
            [
                builder.bitcast(address, byte),
                ir.Constant(number, _FOR_WRITING),
                ir.Constant(number, _KEEP_IN_ALL_CACHES),
                ir.Constant(number, _DATA),
            ],
        )
        return context.get_dummy_value()

    return signature, generate


#: Inside compiled code, `prefetch(array, item)` asks for `array[item]` or `array[item, 0]` to be brought near.
prefetch: Any = intrinsic(_prefetch)
