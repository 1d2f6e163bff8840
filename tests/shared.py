"""Where tests find the official reference files, which are never committed.

They stand in a folder ``shared`` beside the checkout. Without it the tests that need it are skipped visibly,
unless ``SEMAPHORE_REQUIRE`` names ``shared`` (as CI does): then its absence is a failure.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("SEMAPHORE_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def required(resource: str) -> bool:
    """Whether this run must not skip tests that need the named resource (postgres, browser, shared)."""
    return resource in os.environ.get("SEMAPHORE_REQUIRE", "").split(",")


def unavailable(resource: str, reason: str) -> None:
    """Skip the current test, or fail it when the run requires the resource."""
    if required(resource):
        pytest.fail(f"{resource} is required by SEMAPHORE_REQUIRE but is not available: {reason}")
    pytest.skip(f"{resource} is not available: {reason}")


def shared_path(*parts: str) -> Path:
    """Path of a reference file; skips (or fails, see above) when it is not there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        unavailable("shared", f"{'/'.join(parts)} is not in the shared folder beside the checkout")
    return path
