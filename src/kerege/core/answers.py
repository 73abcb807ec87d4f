"""Answers of receivers to a Django signal."""

from __future__ import annotations

from typing import Any

from django.dispatch import Signal


def collect_answers(signal: Signal, sender: type[Any], **named: Any) -> list[Any]:
    """Send a signal and return the answers, in the order in which the receivers were connected.

    An error in a receiver is raised here, so that it undoes the transaction of the sender.
    """
    return [answer for _receiver, answer in signal.send(sender, **named)]
