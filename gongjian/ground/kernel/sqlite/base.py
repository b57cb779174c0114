"""Django's SQLite backend, with one addition: the threads of a process take turns before they ask for the write lock.

SQLite's own waiting is sleeping and looking again, up to a tenth of a second at a time: with sixteen threads most of
the time nobody writes (bench/check_in.py). A queue in front lets the next one in the moment the last has committed.
It is a courtesy only: SQLite's lock still decides, between processes and if somebody keeps a turn too long.
"""

import threading

from django.db.backends.sqlite3 import base

LONGEST_WAIT = 5.0  # seconds in the queue; then SQLite's lock is asked without a turn, with its own time limit
_turns: dict = {}  # by the database: a lock


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that holds a turn from BEGIN to COMMIT or ROLLBACK."""

    _turn = None

    def _start_transaction_under_autocommit(self) -> None:
        turn = _turns.setdefault(str(self.settings_dict["NAME"]), threading.Lock())
        if turn.acquire(timeout=LONGEST_WAIT):
            self._turn = turn
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()
        self._end_turn()  # a failed COMMIT keeps the turn: Django rolls back next

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.release()
            self._turn = None
