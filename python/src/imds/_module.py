"""The core's WebAssembly module. docs/abi.md documents its functions and structs."""

from __future__ import annotations

import struct
import threading
from importlib import resources
from typing import Any, Optional, Union

import wasmtime

ABI_VERSION = 1
_TEXT = struct.Struct("<II")
_ERRORS = {
    -1: "freed",
    -2: "input",
    -3: "record",
    -4: "no-instance",
    -5: "incomplete",
    -6: "memory",
}


class ImdsError(Exception):
    """An invalid argument or a failed operation. ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


_compiled: Optional[tuple[wasmtime.Engine, wasmtime.Module]] = None
_compiling = threading.Lock()


def _compile() -> tuple[wasmtime.Engine, wasmtime.Module]:
    """Compiles the module, once in each process."""
    global _compiled
    with _compiling:
        if _compiled is None:
            engine = wasmtime.Engine()
            wasm = resources.files(__package__).joinpath("imds-core.wasm").read_bytes()
            _compiled = engine, wasmtime.Module(engine, wasm)
        return _compiled


class Module:
    """An instance of the module with one service. One thread at a time may use it."""

    def __init__(self) -> None:
        engine, module = _compile()
        self._store = wasmtime.Store(engine)
        exports = wasmtime.Instance(self._store, module, []).exports(self._store)
        self._functions: dict[str, Any] = {name: it for name, it in exports.items()}
        self._memory: wasmtime.Memory = self._functions["memory"]
        version = self.call_plain("imds_abi_version")
        if version != ABI_VERSION:
            raise ImdsError("abi", f"the module has version {version} of the ABI, this package needs {ABI_VERSION}")
        self._handle = self.call_plain("imds_new")

    def call_plain(self, name: str, *arguments: Union[int, float]) -> int:
        """Calls a function that takes no handle."""
        result = self._functions[name](self._store, *arguments)
        return 0 if result is None else int(result)

    def call(self, name: str, *arguments: Union[int, float]) -> int:
        """Calls a function whose results below 0 are errors."""
        result = self.call_plain(name, self._handle, *arguments)
        if result < 0:
            raise self.error(result)
        return result

    def call_pointer(self, name: str, *arguments: Union[int, float]) -> int:
        """Calls a function that returns an address or a handle; 0 if there is nothing to return."""
        result = self.call_plain(name, self._handle, *arguments) & 0xFFFFFFFF
        if result == 0:
            code = self.call_plain("imds_last_error_code", self._handle)
            if code < 0:
                raise self.error(code)
        return result

    def write(self, *parts: bytes) -> list[int]:
        """Copies bytes into the module. Returns an address and a length for each."""
        joined = b"".join(parts)
        at = self.call_plain("imds_input", self._handle, max(len(joined), 1)) & 0xFFFFFFFF
        if at == 0:
            raise ImdsError("memory", self._last_error())
        self._memory.write(self._store, joined, at)
        arguments = []
        for part in parts:
            arguments += [at, len(part)]
            at += len(part)
        return arguments

    def read(self, at: int, length: int) -> bytes:
        return bytes(self._memory.read(self._store, at, at + length))

    def unpack(self, layout: struct.Struct, at: int) -> tuple[Any, ...]:
        return layout.unpack(self.read(at, layout.size))

    def text(self, at: int) -> str:
        """The text of an ``imds_text``."""
        address, length = self.unpack(_TEXT, at)
        return self.read(address, length).decode()

    def error(self, code: int) -> ImdsError:
        return ImdsError(_ERRORS.get(code, "input"), self._last_error())

    def _last_error(self) -> str:
        at = self.call_plain("imds_last_error", self._handle) & 0xFFFFFFFF
        return self.text(at) if at else "this Imds is closed"
