"""A load in words: a bar while it lasts, and what came of it."""

from simulators.load.run import Outcome, Progress

_BAR = 30


def bar(progress: Progress) -> str:
    """``[#####-------] 1:05, 325,000 sent, 12 without receipt, 30 under way``"""
    done = round(_BAR * progress.share) if progress.share is not None else 0
    drawn = f"[{'#' * done}{'-' * (_BAR - done)}] " if progress.share is not None else ""
    minutes, seconds = divmod(round(progress.seconds), 60)
    return (
        f"{drawn}{minutes}:{seconds:02d}, {progress.sent:,} sent, "
        f"{progress.unreceipted:,} without receipt, {progress.waiting:,} not yet heard"
    )


def summary(outcome: Outcome, *, monitored: bool) -> list[str]:
    """What a person wants to know at the end."""
    ledger, plan = outcome.ledger, outcome.plan
    asked = "as many as it takes" if plan.rate is None else f"{plan.rate:,.0f}/s"
    reached = f"{ledger.sent:,} messages in {outcome.seconds:.1f} s: {outcome.rate:,.0f}/s"
    receipts = f"{ledger.receipted:,}; without receipt: {outcome.unreceipted:,}"
    heard = f"{ledger.heard:,}; lost: {ledger.waiting:,}; heard twice: {ledger.twice:,}"
    lines = [
        f"{reached} (asked for: {asked})",
        f"  receipted by the broker: {receipts}",
        f"  heard by the receiver: {heard}",
        f"  from sending to the receipt:  {ledger.to_receipt.line()}",
        f"  from sending to the receiver: {ledger.to_receiver.line()}",
        f"  {_exits(outcome, monitored=monitored)}",
    ]
    if not outcome.kept_up:
        lines.append(
            f"  the rate was not reached: the broker let {plan.window:,} messages wait for their "
            f"receipt; the latest left {outcome.latest_s:.1f} s late"
        )
    if outcome.falls:
        lines.append(f"  connections that broke and came back: {outcome.falls}")
    if ledger.strange:
        lines.append(f"  messages of another load on the same topics: {ledger.strange:,}")
    return lines


def _exits(outcome: Outcome, *, monitored: bool) -> str:
    ledger = outcome.ledger
    if not ledger.exits:
        return "bed exits: none; they begin when every device has spoken once"
    if not monitored:
        return f"bed exits: {ledger.exits}; no monitor of this home is at this broker to raise them"
    told = f"bed exits: {ledger.exits}; without an alert: {ledger.alerts_due}"
    if not ledger.to_alert.count:
        return told
    return f"{told}; from sending to the alert topic: {ledger.to_alert.line()}"
