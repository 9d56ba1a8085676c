"""A process that is started anew for one piece of work, and talks with the one that started it.

It is Python's own `multiprocessing` without its tracker of shared memory: that is one more process,
which a kiosk would keep until it ends.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from kiosk.wiring.apart.parent import end_with_parent


@contextmanager
def child_at_work(work: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """A connection to another process that does some work; it is ended on leaving.

    Args:
        work: a module's function, called with the other end of the connection, and these arguments.
        arguments: what can be pickled.

    Raises:
        OSError: it could not be started, or was ended.
    """
    mine, theirs = Pipe()
    with mine:
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-P", "-m", __name__, str(number)]
            child = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[number])
        with child:
            try:
                mine.send((work, arguments))
                yield mine
            finally:
                child.kill()  # it has ended, or cannot go on


def main() -> None:
    """Do the work of which the process that started this one tells."""
    end_with_parent(sys.stdin.fileno())  # nothing is ever written there: it ends with the parent
    with Connection(int(sys.argv[1])) as parent:
        work, arguments = parent.recv()
        work(parent, *arguments)


if __name__ == "__main__":
    main()
