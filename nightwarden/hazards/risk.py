"""Severity, likelihood and the risk of both, in the form of a hazard log after DCB0129.

The words and the matrix are those of the example in the guidance to the standard (NHS Digital,
DCB0129, Clinical Risk Management: its Application in the Manufacture of Health IT Systems). Whoever
deploys the product agrees on a matrix of their own with their clinical safety officer.
"""

from enum import StrEnum


class Severity(StrEnum):
    """How bad the harm may be, the least first."""

    MINOR = "minor"
    SIGNIFICANT = "significant"
    CONSIDERABLE = "considerable"
    MAJOR = "major"
    CATASTROPHIC = "catastrophic"


class Likelihood(StrEnum):
    """How likely the harm is, the least first."""

    VERY_LOW = "very low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very high"


SEVERITIES = {
    Severity.MINOR: "minor injury or distress to one person, who recovers soon",
    Severity.SIGNIFICANT: "minor injury to several, or one that needs treatment",
    Severity.CONSIDERABLE: "severe injury or distress to one person, who recovers",
    Severity.MAJOR: "death of one person, or lasting harm that changes a life",
    Severity.CATASTROPHIC: "death of several, or lasting harm to several",
}
LIKELIHOODS = {
    Likelihood.VERY_LOW: "not expected in the life of the home's system",
    Likelihood.LOW: "may happen once in some years",
    Likelihood.MEDIUM: "may happen each year",
    Likelihood.HIGH: "happens several times a year",
    Likelihood.VERY_HIGH: "happens each month",
}
_BY_LIKELIHOOD = {
    Likelihood.VERY_LOW: (1, 1, 2, 2, 3),
    Likelihood.LOW: (1, 2, 2, 3, 4),
    Likelihood.MEDIUM: (2, 2, 3, 3, 4),
    Likelihood.HIGH: (2, 3, 3, 4, 5),
    Likelihood.VERY_HIGH: (3, 4, 4, 5, 5),
}
LEVELS = {
    5: "unacceptable",
    4: "to be eliminated or controlled to an acceptable level, without exception",
    3: "undesirable: to be eliminated or controlled unless that is impractical",
    2: "acceptable where the cost of less outweighs the benefit",
    1: "acceptable, nothing more is needed",
}


def risk(severity: Severity, likelihood: Likelihood) -> int:
    """The level of a risk, 1 to 5."""
    return _BY_LIKELIHOOD[likelihood][list(Severity).index(severity)]


def matrix() -> str:
    """The matrix as a table, the most likely first."""
    head = "| likelihood | " + " | ".join(Severity) + " |\n"
    rule = "|---" * (len(Severity) + 1) + "|\n"
    rows = [
        f"| {likelihood} | " + " | ".join(map(str, _BY_LIKELIHOOD[likelihood])) + " |\n"
        for likelihood in reversed(Likelihood)
    ]
    return head + rule + "".join(rows)
