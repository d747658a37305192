"""Work that survives its worker: a row that is claimed by lease, renewed, reaped and tried again.

The row is the truth and the broker's message only a hint that there is work, so a broker that loses or repeats
messages loses nothing. Every write of a worker is fenced by its lease token: whoever has lost the lease stops.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import Error, connection, models, transaction
from django.db.models.functions import Greatest
from django.utils import timezone

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
"""How long a claim holds without being renewed. A killed worker's job waits this long at the most."""


_RENEW_EVERY_S = 2.0
"""Seconds between two signs of life of a job at work."""


class LeaseLost(Exception):
    """The job was cancelled, deleted, or given to another worker; stop, and write nothing more."""


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def _database_since() -> datetime:
    """When the database was started last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_postmaster_start_time()")
        (since,) = cursor.fetchone() or (timezone.now(),)
    found: datetime = since
    return found


class LeasedJob(models.Model):
    """An abstract job row: state, priority, attempts, lease."""

    max_attempts: ClassVar[int] = 5

    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    priority = models.SmallIntegerField(default=0, help_text="higher is sooner")
    attempt = models.PositiveIntegerField(default=0)
    run_after = models.DateTimeField(default=timezone.now)
    lease_owner = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    progress = models.FloatField(default=0.0, help_text="0 to 1")
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_detail = models.TextField(blank=True, default="")
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        indexes = (
            models.Index(
                fields=["-priority", "run_after", "id"],
                name="%(class)s_queued",
                condition=models.Q(state="queued"),
            ),
            models.Index(
                fields=["lease_until"], name="%(class)s_running", condition=models.Q(state="running")
            ),
        )

    @classmethod
    def paused(cls) -> bool:
        """Whether jobs of this kind are held back: what is queued waits."""
        return False

    @classmethod
    def waiting(cls) -> models.QuerySet[Self]:
        """The jobs that can be begun now, but for a pause."""
        return cls._default_manager.filter(state=JobState.QUEUED, run_after__lte=timezone.now())

    @classmethod
    def claim(cls, **those: Any) -> Self | None:
        """Take the most urgent queued job, or None. Two workers never get the same one. those: a filter."""
        if cls.paused():
            return None
        with transaction.atomic():
            job = (
                cls.waiting()
                .filter(**those)
                .order_by("-priority", "run_after", "id")
                .select_for_update(skip_locked=True, of=("self",))
                .first()
            )
            if job is None:
                return None
            now = timezone.now()
            job.state, job.attempt = JobState.RUNNING, job.attempt + 1
            job.lease_owner, job.lease_until = uuid.uuid4(), now + LEASE
            job.started = job.started or now
            job.save(update_fields=["state", "attempt", "lease_owner", "lease_until", "started"])
            return job

    @classmethod
    def reap(cls) -> int:
        """Queue again what was left by workers that died; give up on what has killed its worker too often."""
        dead = cls._default_manager.filter(state=JobState.RUNNING, lease_until__lt=timezone.now())
        # whoever last renewed before the database came up may have stopped because it had gone: not the file's doing
        dead.filter(lease_until__lt=_database_since() + LEASE).update(
            attempt=Greatest(models.F("attempt") - 1, 0)
        )
        dead.filter(attempt__gte=cls.max_attempts).update(
            state=JobState.FAILED,
            lease_owner=None,
            lease_until=None,
            finished=timezone.now(),
            error_code="worker-lost",
            error_detail=(
                f"The worker stopped {cls.max_attempts} times in the middle of this file; the file is set aside "
                "so that others go on. Nothing else is touched. Try again, or replace the file."
            ),
        )
        return dead.update(state=JobState.QUEUED, lease_owner=None, lease_until=None)

    @classmethod
    def take_back(cls) -> int:
        """Queue every running job again, the interrupted attempt not counted. Only where no worker can be alive."""
        return cls._default_manager.filter(state=JobState.RUNNING).update(
            state=JobState.QUEUED,
            lease_owner=None,
            lease_until=None,
            attempt=Greatest(models.F("attempt") - 1, 0),
        )

    @classmethod
    def due(cls) -> int:
        """How many jobs wait to be claimed now."""
        if cls.paused():
            return 0
        return cls.waiting().count()

    def renew(self, **fields: Any) -> None:
        """Hold the lease for another while and write `fields`. Raises LeaseLost where it is no longer ours."""
        self._fenced(lease_until=timezone.now() + LEASE, **fields)

    def checkpoint(self, **fields: Any) -> None:
        """Renew, with a part of the work done for good: only attempts that get nowhere count against a job."""
        self.renew(attempt=1, error_code="", error_detail="", **fields)

    def succeed(self, **fields: Any) -> None:
        """End well. Raises LeaseLost where the lease is no longer ours."""
        self._fenced(state=JobState.DONE, progress=1.0, finished=timezone.now(), **self._released(), **fields)

    def give_back(self, **fields: Any) -> None:
        """Queue again what is sound, for anybody to go on with; no attempt is counted. Raises LeaseLost."""
        self._fenced(state=JobState.QUEUED, attempt=max(self.attempt - 1, 0), **self._released(), **fields)

    def fail(self, code: str, detail: str) -> None:
        """End badly, for good, with a reason that the user reads. Raises LeaseLost."""
        self._fenced(
            state=JobState.FAILED,
            error_code=code,
            error_detail=detail,
            finished=timezone.now(),
            **self._released(),
        )

    def retry_later(self, code: str, detail: str) -> None:
        """Queue again with a growing pause, or fail after the last attempt. Raises LeaseLost."""
        # A checkpoint whose transaction was rolled back has left its figure on this object: the row has the true one.
        stored = type(self)._default_manager.filter(pk=self.pk).values_list("attempt", flat=True).first()
        attempt = stored or self.attempt
        if attempt >= self.max_attempts:
            self.fail(code, detail)
            return
        pause = timedelta(seconds=min(5 * 4 ** (attempt - 1), 600))
        self._fenced(
            state=JobState.QUEUED,
            run_after=timezone.now() + pause,
            error_code=code,
            error_detail=detail,
            **self._released(),
        )

    def _fenced(self, **fields: Any) -> None:
        mine = type(self)._default_manager.filter(
            pk=self.pk, lease_owner=self.lease_owner, state=JobState.RUNNING
        )
        if not mine.update(**fields):
            raise LeaseLost(f"{type(self).__name__.lower()} {self.pk} is no longer this worker's")
        for name, value in fields.items():
            setattr(self, name, value)

    @staticmethod
    def _released() -> dict[str, datetime | uuid.UUID | None]:
        return {"lease_owner": None, "lease_until": None}


@contextmanager
def held(job: LeasedJob) -> Iterator[None]:
    """Renews the lease from a thread of its own, while something goes on that can report to nobody, such as a copy."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(LEASE.total_seconds() / 3):
            try:
                job.renew()
            except LeaseLost:  # which the next write finds out
                break
            except Error as error:
                log.warning("%s could not be renewed (%s); trying again", job, error)
                connection.close()
        connection.close()

    thread = threading.Thread(target=renew, name="held", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class SignOfLife:
    """Called as often as one likes while a job is worked on, renews its lease and its progress every other second.

    besides: another job whose lease is renewed with it.
    start_ms, duration_ms: of the stretch of the medium that is the job's, once that is known.
    """

    def __init__(self, job: LeasedJob, *, besides: LeasedJob | None = None) -> None:
        self._job, self._besides = job, besides
        self._renewed = time.monotonic()
        self.start_ms, self.duration_ms = 0, float("inf")

    def turn_to(self, job: LeasedJob, start_ms: int, duration_ms: int) -> None:
        """From now on it is that job that is worked on."""
        self._job, self.start_ms, self.duration_ms = job, start_ms, duration_ms

    def __call__(self, position_ms: int) -> None:
        """Raises LeaseLost."""
        if time.monotonic() - self._renewed >= _RENEW_EVERY_S:
            self._renewed = time.monotonic()
            self._job.renew(progress=max(self._job.progress, self.share(position_ms)))
            if self._besides is not None:
                self._besides.renew()

    def share(self, position_ms: int) -> float:
        """How far that is, just short of 1: what is done says so itself."""
        return min(max(position_ms - self.start_ms, 0) / max(self.duration_ms, 1), 0.99)
