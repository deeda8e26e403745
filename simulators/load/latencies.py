"""Many latencies in little memory: counts in steps of 20 µs, and beyond 4 s in steps of 10 ms."""

from array import array

STEP_S = 0.000_02
FINE_STEPS = 200_000
COARSE_STEP_S = 0.01
COARSE_STEPS = 60_000


class Latencies:
    """What was measured, in seconds. A percentile is exact to its step, always rounded up."""

    def __init__(self) -> None:
        self.count = 0
        self.longest = 0.0
        self._fine = array("L", bytes(array("L").itemsize * FINE_STEPS))
        self._coarse = array("L", bytes(array("L").itemsize * COARSE_STEPS))

    def add(self, seconds: float) -> None:
        """One more; below zero counts as zero."""
        self.count += 1
        if seconds > self.longest:
            self.longest = seconds
        step = int(seconds / STEP_S)
        if step < FINE_STEPS:
            self._fine[max(step, 0)] += 1
        else:
            self._coarse[min(int(seconds / COARSE_STEP_S), COARSE_STEPS - 1)] += 1

    def percentile(self, share: float) -> float:
        """Seconds that at least ``share`` (over 0 to 1) of all do not exceed; 0 without any."""
        left = share * self.count
        if left <= 0:
            return 0.0
        for steps, length in ((self._fine, STEP_S), (self._coarse, COARSE_STEP_S)):
            for step, number in enumerate(steps):
                left -= number
                if left <= 1e-9:
                    return min((step + 1) * length, self.longest)
        return self.longest

    def line(self) -> str:
        """``p50 0.8 ms, p95 1.9 ms, p99 3.1 ms, longest 12.0 ms``"""
        shares = [(f"p{round(share * 100)}", self.percentile(share)) for share in (0.5, 0.95, 0.99)]
        told = [f"{name} {seconds * 1000:.1f} ms" for name, seconds in shares]
        return ", ".join([*told, f"longest {self.longest * 1000:.1f} ms"])
