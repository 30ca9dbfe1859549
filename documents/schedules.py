"""Schedules of EventBridge Scheduler. Pure."""

from __future__ import annotations


def rate(minutes: int) -> str:
    """The expression of a schedule. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"""
    return f"rate({minutes} {'minute' if minutes == 1 else 'minutes'})"
