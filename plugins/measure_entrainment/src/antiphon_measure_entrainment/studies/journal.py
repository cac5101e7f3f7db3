"""What a long calculation has finished, kept on disk so that one that was killed goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from antiphon.errors import AntiphonError


class Journal:
    """Results by key, in a file of JSON lines; each is handed to the operating system when it is added.

    The first line says what the results are of. A file that is of something else is begun anew; a line that a kill
    cut in the middle is left out.

    Args:
        path: the file; None to keep nothing on disk.
        identity: what the results depend on besides their keys.

    Raises:
        AntiphonError: the file cannot be written.
    """

    def __init__(self, path: Path | None, identity: Mapping[str, Any]) -> None:
        self.path = path
        self.found: dict[str, Any] = {}
        self._file = None
        if path is None:
            return
        first = json.dumps(identity, sort_keys=True)
        try:
            lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
            if lines and lines[0] == first + "\n":
                self.found = dict(json.loads(line) for line in lines[1:] if line.endswith("\n"))
            self._file = path.open("w", encoding="utf-8")
            self._write(first)
            for key, value in self.found.items():
                self._write(json.dumps([key, value]))
        except (OSError, ValueError) as error:
            raise AntiphonError(f"{path} cannot be used to keep what is finished: {error}; remove it") from error

    def add(self, key: str, value: Any) -> None:
        """Keep a finished result: anything that JSON can hold, NaN included."""
        self.found[key] = value
        if self._file is not None:
            self._write(json.dumps([key, value]))

    def remove(self) -> None:
        """Everything is finished and written elsewhere."""
        self.close()
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, line: str) -> None:
        assert self._file is not None
        self._file.write(line + "\n")
        self._file.flush()


def beside(output: Path) -> Path:
    """Where the journal of what goes to `output` lies."""
    return output.with_name(f"{output.name}.unfinished")
