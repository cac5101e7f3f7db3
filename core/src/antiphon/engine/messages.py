"""Messages between the engine and a worker process: pickled, with large arrays in shared memory.

Both ends run the same installed code and trust each other; nothing here is ever read from a file.
"""

from __future__ import annotations

import contextlib
import pickle
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from typing import Any

INLINE_BYTES = 32 * 1024
"""Up to here buffers travel through the pipe, which is faster than setting up a block."""


class Channel:
    """One end of a pipe. At most one message a direction is under way, so one shared block a direction is enough."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._out: SharedMemory | None = None
        self._peer: SharedMemory | None = None

    def send(self, message: Any) -> None:
        """Send anything that pickles."""
        buffers: list[pickle.PickleBuffer] = []
        body = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
        views = [buffer.raw() for buffer in buffers]
        sizes = [view.nbytes for view in views]
        if sum(sizes) <= INLINE_BYTES:
            self.connection.send((body, [bytes(view) for view in views], None))
            return
        block = self._block(sum(sizes))
        position = 0
        for view in views:
            _memory(block)[position : position + view.nbytes] = view
            position += view.nbytes
        self.connection.send((body, sizes, block.name))

    def receive(self) -> Any:
        """The next message.

        Raises:
            EOFError: the other end is gone.
        """
        body, parts, block_name = self.connection.recv()
        if block_name is None:
            return pickle.loads(body, buffers=[bytearray(part) for part in parts])
        if self._peer is None or self._peer.name != block_name:
            if self._peer is not None:
                self._peer.close()
            self._peer = SharedMemory(block_name)
        buffers, position = [], 0
        for size in parts:
            buffers.append(bytearray(_memory(self._peer)[position : position + size]))
            position += size
        return pickle.loads(body, buffers=buffers)

    def close(self, *, peer_died: bool = False) -> None:
        """Free the blocks; those of a peer that died, too."""
        self.connection.close()
        if self._out is not None:
            self._out.close()
            self._out.unlink()
            self._out = None
        if self._peer is not None:
            self._peer.close()
            if peer_died:
                with contextlib.suppress(FileNotFoundError):  # it may have had time to do it itself
                    self._peer.unlink()
            self._peer = None

    def _block(self, size: int) -> SharedMemory:
        if self._out is None or self._out.size < size:
            if self._out is not None:
                self._out.close()
                self._out.unlink()
            self._out = SharedMemory(create=True, size=1 << (size - 1).bit_length())
        return self._out


def _memory(block: SharedMemory) -> memoryview:
    """The bytes of a block, which is open."""
    assert block.buf is not None
    return block.buf
