"""Late, repeated and renumbered messages: a device's values move forward in its own time."""

from datetime import datetime

from nightwarden.model.readings import DeviceId, Quantity
from rules.hearing import Hearing, Standing
from tests.unit.rule_builders import MAT, Night, at, bed_plan, reading


class Mat:
    """A mat that numbers its messages, or gives its own time, as each story needs."""

    def __init__(self) -> None:
        self.night = Night(bed_plan())

    def says(
        self,
        occupied: bool,
        when: str,
        seq: int | None = None,
        measured: str | None = None,
    ) -> Hearing:
        claimed: datetime | None = None if measured is None else at(measured)
        said = reading(MAT, Quantity.OCCUPANCY, occupied, at(when), measured=claimed, seq=seq)
        return self.night.hear(said)


def test_the_same_number_with_the_same_value_is_a_duplicate() -> None:
    mat = Mat()
    mat.says(True, "22:00", seq=7)
    again = mat.says(True, "22:00:05", seq=7)
    assert again == (Standing.DUPLICATE, "message 7 has been heard already", ())


def test_a_device_that_never_counts_is_not_silenced() -> None:
    mat = Mat()
    mat.says(True, "22:00", seq=0)
    assert mat.says(False, "22:05", seq=0).standing is Standing.BELIEVED
    assert len(mat.night.raised) == 1


def test_a_lower_number_is_late_and_moves_nothing() -> None:
    mat = Mat()
    mat.says(True, "22:00", seq=8)
    late = mat.says(False, "22:00:05", seq=7)
    assert late == (Standing.LATE, "message 7 came after message 8", ())
    assert mat.says(False, "22:00:10", seq=9).decisions


def test_another_quantity_of_the_same_message_is_believed() -> None:
    mat = Mat()
    mat.says(True, "22:00", seq=7)
    battery = reading(MAT, Quantity.BATTERY, 80.0, at("22:00"), seq=7)
    assert mat.night.hear(battery).standing is Standing.BELIEVED


def test_a_device_that_restarts_counts_from_the_start() -> None:
    for first in (0, 1):
        mat = Mat()
        mat.says(True, "22:00", seq=40)
        assert mat.says(False, "22:05", seq=first).standing is Standing.BELIEVED
        assert mat.says(True, "22:06", seq=first + 1).standing is Standing.BELIEVED


def test_a_number_far_back_is_a_restart_whose_start_we_missed() -> None:
    mat = Mat()
    mat.says(True, "22:00", seq=100)
    assert mat.says(False, "22:05", seq=36).standing is Standing.BELIEVED
    assert mat.says(True, "22:06", seq=35).standing is Standing.LATE


def test_a_lower_number_with_a_later_time_of_its_own_is_a_restart() -> None:
    mat = Mat()
    mat.says(True, "22:00", seq=40, measured="22:00")
    assert mat.says(False, "22:05", seq=30, measured="22:05").standing is Standing.BELIEVED


def test_a_reading_measured_before_the_last_one_is_late() -> None:
    mat = Mat()
    mat.says(True, "22:00", measured="21:59")
    late = mat.says(False, "22:00:05", measured="21:58")
    assert late == (Standing.LATE, "measured before the last occupancy was", ())
    assert mat.night.until("06:00") == []


def test_a_reading_of_the_same_instant_is_not_late() -> None:
    mat = Mat()
    mat.says(True, "22:00", measured="21:59")
    assert mat.says(False, "22:00:05", measured="21:59").standing is Standing.BELIEVED


def test_the_exit_counts_from_the_devices_own_time() -> None:
    mat = Mat()
    mat.says(True, "22:00", measured="22:00")
    mat.says(False, "22:05", measured="22:04")
    (left,) = mat.night.raised
    assert left.caused_at == at("22:04")
    assert len(mat.night.until("22:10")) == 1


def test_a_device_that_nothing_is_bound_to_is_unbound() -> None:
    night = Night(bed_plan())
    stranger = reading(DeviceId("nightwarden", "who"), Quantity.OCCUPANCY, False, at("22:00"))
    heard = night.hear(stranger)
    assert (heard.standing, heard.why) == (
        Standing.UNBOUND,
        "no equipment is bound to this device",
    )
