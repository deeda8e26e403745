"""Who may do what."""

from enum import StrEnum

from nightwarden.model.phrases import vocabulary


@vocabulary
class Role(StrEnum):
    """A person's or a program's role in the home."""

    CARER = "carer"
    SENIOR = "senior"
    MAINTENANCE = "maintenance"
    MANAGER = "manager"
    TESTER = "tester"
    INTEGRATOR = "integrator"


@vocabulary
class Right(StrEnum):
    """One thing that a role may allow."""

    SEE = "see"
    ANSWER_ALERTS = "answer alerts"
    PAUSE = "pause a watch"
    PAUSE_LONG = "pause a watch for longer than 15 minutes"
    SET_ROUND = "set or end a manual round"
    RUN_OUTAGE = "run a heating outage"
    REPORT_FAULT = "report a fault"
    CONFIRM = "confirm equipment"
    KEEP_REGISTER = "change the register"
    SET_CHECKS = "change how often things are checked"
    READ_AUDIT = "read the audit"
    REVIEW = "answer a review"
    MOVE_RESIDENT = "move a resident"
    SEE_PAPERS = "see what was judged of a resident"
    RECORD_TRAINING = "record who has been shown what"
    GIVE_GAPS = "say whose a gap is"
    CHANGE_PLANS = "change a plan"
    LET_IN_GUESTS = "let in a guest"
    USE_BENCH = "use the bench of a practice home"
    MANAGE = "manage people, tokens and screens"


_CARE = {Right.SEE, Right.ANSWER_ALERTS, Right.PAUSE, Right.REPORT_FAULT}
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.CARER: frozenset(_CARE),
    Role.SENIOR: frozenset(
        _CARE
        | {Right.PAUSE_LONG, Right.SET_ROUND, Right.READ_AUDIT, Right.REVIEW, Right.RUN_OUTAGE}
        | {Right.MOVE_RESIDENT, Right.SEE_PAPERS, Right.RECORD_TRAINING, Right.GIVE_GAPS}
        | {Right.LET_IN_GUESTS}
    ),
    Role.MAINTENANCE: frozenset(
        {
            Right.SEE,
            Right.ANSWER_ALERTS,
            Right.REPORT_FAULT,
            Right.CONFIRM,
            Right.KEEP_REGISTER,
            Right.RUN_OUTAGE,
            Right.RECORD_TRAINING,
            Right.GIVE_GAPS,
        }
    ),
    Role.MANAGER: frozenset(Right),
    Role.TESTER: frozenset({Right.SEE, Right.READ_AUDIT, Right.REPORT_FAULT, Right.USE_BENCH}),
    Role.INTEGRATOR: frozenset(
        {Right.SEE, Right.ANSWER_ALERTS, Right.PAUSE, Right.REPORT_FAULT, Right.READ_AUDIT}
    ),
}


def may(role: Role, right: Right) -> bool:
    """Whether ``role`` allows ``right``."""
    return right in RIGHTS[role]
