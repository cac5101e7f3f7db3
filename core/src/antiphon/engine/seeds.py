"""Seeds for the parts of a session, all from its one seed."""

from __future__ import annotations

import hashlib


def derive_seed(seed: int, part: str) -> int:
    """A seed that depends on the session's seed and on the part's name alone, not on what else there is."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{part}".encode()).digest()[:8], "big") >> 1
