# SPDX-FileCopyrightText: 2026 The .mcnc authors
# SPDX-License-Identifier: Apache-2.0

"""File objects as the library reads them: bytes from a position."""

from __future__ import annotations

import threading
from typing import Any

from .errors import McncError


class SeekableSource:
    """Reads from an object with seek() and read(), one range at a time. Thread-safe, if nobody else uses the object."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.size = int(file.seek(0, 2))

    def read_at(self, offset: int, count: int) -> Any:
        """`count` bytes from byte `offset`, fewer where the file ends before."""
        with self._lock:
            self._file.seek(offset)
            data = self._file.read(count)
            if not isinstance(data, str) and data is not None and 0 < len(data) < count:
                # Raw files may give fewer than were asked for.
                parts = bytearray(data)
                while len(parts) < count:
                    more = self._file.read(count - len(parts))
                    if not more:
                        break
                    parts += more
                return parts
            return data


class RangeSource:
    """Reads from an object that has `size` and a method `read_at(offset, count)`, which several threads may call."""

    def __init__(self, file: Any) -> None:
        self.read_at = file.read_at
        self.size = int(file.size() if callable(file.size) else file.size)


def source_of(file: Any) -> Any:
    """What reads from `file`: an object with `size` and `read_at(offset, count)`.

    Raises McncError (argument) for what is neither seekable and readable nor has these two itself.
    """
    if hasattr(file, "read_at") and hasattr(file, "size"):
        return RangeSource(file)
    if hasattr(file, "seek") and hasattr(file, "read"):
        if hasattr(file, "seekable") and not file.seekable():
            raise McncError("the file object cannot seek: read it to its end and open the bytes")
        return SeekableSource(file)
    raise McncError(
        f"{type(file).__name__} is not a path, bytes or another buffer, or a file object with seek and read, "
        "or with size and read_at"
    )
