"""``python -m semaphore_hub``: the command line."""

from semaphore_hub.cli import main

main()
