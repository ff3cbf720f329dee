"""Compiling: numba with a disk cache where there is a place for one, and instructions of our own."""

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


def _add(typing_context: Any, cells: Any, first: Any, a: Any, b: Any, c: Any, d: Any, number: Any) -> Any:
    """Type and instructions of `add`."""
    signature = types.void(cells, types.intp, types.float64, types.float64, types.float64, types.float64, types.int64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        view = context.make_array(signature.args[0])(context, builder, arguments[0])
        four = ir.VectorType(ir.DoubleType(), 4)
        added = ir.Constant(four, ir.Undefined)
        for item in range(4):
            added = builder.insert_element(added, arguments[2 + item], ir.Constant(ir.IntType(32), item))
        start = builder.gep(view.data, [arguments[1]])
        place = builder.bitcast(start, four.as_pointer())
        builder.store(builder.fadd(builder.load(place, align=8), added), place, align=8)
        whole = builder.bitcast(builder.gep(start, [ir.Constant(ir.IntType(64), 4)]), ir.IntType(64).as_pointer())
        builder.store(builder.add(builder.load(whole), arguments[6]), whole)
        return context.get_dummy_value()

    return signature, generate


#: Inside compiled code, `add(cells, first, a, b, c, d, number)` adds four numbers to `cells[first:first + 4]`, and a
#: whole one to the 64 bits after them: the part of a record that a citation changes, in one instruction each.
add: Any = intrinsic(_add)


def _first_byte(typing_context: Any, word: Any) -> Any:
    """Type and instructions of `first_byte`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        n_zeros = builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))
        return builder.lshr(n_zeros, ir.Constant(ir.IntType(64), 3))

    return types.int64(types.uint64), generate


#: Inside compiled code, `first_byte(word)` is which of the eight bytes of a word, not 0, is the first that is not 0.
first_byte: Any = intrinsic(_first_byte)
