"""Texts of attached PDFs, read in the background from the moment they are attached."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from evigraph.review.files import Files
from evigraph.review.kinds import Report
from evigraph.review.retrieval import PDF
from evigraph.review.texts.canonical import CanonicalText
from evigraph.review.texts.kept import is_read, text_of

#: Seconds that a page waits for a text: most are read by then.
_PATIENCE = 0.25

#: How many outcomes are remembered; what was read lies on disk, and what cannot be read is tried again.
_REMEMBERED = 200


class Readings:
    """What is being read. A PDF takes up to a minute and the whole of one processor, so one is read at a time."""

    def __init__(self) -> None:
        self._reader = ThreadPoolExecutor(1, "evigraph-reader")
        self._lock = Lock()
        self._running: dict[str, Future[CanonicalText]] = {}

    def begin(self, files: Files, report: Report) -> Future[CanonicalText] | None:
        """Begins to read a report unless it is read or being read; null where there is nothing to wait for."""
        if report.media_type != PDF or not report.sha256 or is_read(files, report):
            return None
        with self._lock:
            if report.sha256 not in self._running:
                for key in list(self._running)[: max(0, len(self._running) - _REMEMBERED)]:
                    if self._running[key].done():
                        del self._running[key]
                self._running[report.sha256] = self._reader.submit(text_of, files, report)
            return self._running[report.sha256]

    def text(self, files: Files, report: Report) -> CanonicalText | None:
        """The text of a report; null as long as it is being read.

        Raises:
            InputError: no text is attached, or it cannot be read; the message says what to attach.
        """
        running = self.begin(files, report)
        if running is None:
            return text_of(files, report)
        try:
            return running.result(_PATIENCE)
        except TimeoutError:
            return None
