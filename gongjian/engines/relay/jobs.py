"""定时任务: runs what the rooms' manifests ask for, once per due time however many workers there are."""

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from gongjian.engines.relay.models import JobRun
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.manifest import Job

log = logging.getLogger(__name__)


def next_time(job: Job, after: dt.datetime) -> dt.datetime:
    """The next due time of a job strictly after a moment."""
    if job.every is not None:
        return after + dt.timedelta(seconds=job.every)
    hour, minute = map(int, (job.at or "00:00").split(":"))
    due = clock.at_time(clock.day_of(after), hour, minute)
    return due if due > after else clock.at_time(clock.day_of(after) + dt.timedelta(days=1), hour, minute)


def run_due(now: dt.datetime | None = None) -> list[str]:
    """Run each job that is due; returns their names. A job that raises is logged and comes again at its next time."""
    now = now or clock.now()
    ran = []
    for job in registry.jobs():
        row = JobRun.objects.filter(name=job.name).first()
        if row is None:
            try:
                with transaction.atomic():
                    JobRun.objects.create(name=job.name, next_at=next_time(job, now))
            except IntegrityError:  # another worker was first
                pass
            continue
        # Whoever moves next_at has claimed this run.
        if row.next_at > now or not JobRun.objects.filter(name=job.name, next_at=row.next_at).update(
            next_at=next_time(job, now), last_at=now
        ):
            continue
        error = ""
        try:
            import_string(job.function)()
        except Exception as problem:
            log.exception("job %s failed", job.name)
            error = repr(problem)[:2000]
        JobRun.objects.filter(name=job.name).update(error=error)
        ran.append(job.name)
    return ran
