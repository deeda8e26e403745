"""Who may do what."""

from enum import StrEnum

from nightwarden.model.phrases import phrase


class Role(StrEnum):
    """A person's or a program's role in the home."""

    CARER = phrase("carer")
    SENIOR = phrase("senior")
    MAINTENANCE = phrase("maintenance")
    MANAGER = phrase("manager")
    TESTER = phrase("tester")
    INTEGRATOR = phrase("integrator")


class Right(StrEnum):
    """One thing that a role may allow."""

    SEE = phrase("see")
    ANSWER_ALERTS = phrase("answer alerts")
    PAUSE = phrase("pause a watch")
    PAUSE_LONG = phrase("pause a watch for longer than 15 minutes")
    SET_ROUND = phrase("set or end a manual round")
    RUN_OUTAGE = phrase("run a heating outage")
    REPORT_FAULT = phrase("report a fault")
    CONFIRM = phrase("confirm equipment")
    KEEP_REGISTER = phrase("change the register")
    SET_CHECKS = phrase("change how often things are checked")
    READ_AUDIT = phrase("read the audit")
    REVIEW = phrase("answer a review")
    MOVE_RESIDENT = phrase("move a resident")
    SEE_PAPERS = phrase("see what was judged of a resident")
    RECORD_TRAINING = phrase("record who has been shown what")
    GIVE_GAPS = phrase("say whose a gap is")
    CHANGE_PLANS = phrase("change a plan")
    LET_IN_GUESTS = phrase("let in a guest")
    USE_BENCH = phrase("use the bench of a practice home")
    MANAGE = phrase("manage people, tokens and screens")


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
