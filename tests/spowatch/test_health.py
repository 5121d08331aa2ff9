from spowatch.health import FAILING_AFTER, STALLED_AFTER, STARTS_WITHIN, Vitals


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def vitals() -> tuple[Vitals, Clock]:
    clock = Clock()
    watched = Vitals(clock)
    watched.expect(["alert", "outward:webhook"])
    watched.ready("alert")
    watched.ready("outward:webhook")
    return watched, clock


def told(watched: Vitals) -> list[str]:
    return [str(each) for each in watched.stalled()]


def test_a_role_that_has_not_started_is_not_at_work() -> None:
    watched = Vitals(Clock())
    watched.expect(["alert"])
    assert told(watched) == ["alert has not started for 0 s"]


def test_a_role_that_is_starting_is_in_no_trouble_until_it_takes_too_long() -> None:
    clock = Clock()
    watched = Vitals(clock)
    watched.expect(["alert"])
    clock.now += STARTS_WITHIN
    assert [each.is_trouble for each in watched.stalled()] == [False]
    clock.now += 1
    assert [each.is_trouble for each in watched.stalled()] == [True]


def test_a_role_that_hangs_is_named_after_a_while() -> None:
    watched, clock = vitals()
    clock.now += STALLED_AFTER
    assert told(watched) == []
    clock.now += 1
    assert told(watched) == ["alert stands still for 16 s"]
    watched.turned("alert")
    assert told(watched) == []


def test_a_lane_may_give_a_slow_receiver_its_time() -> None:
    watched, clock = vitals()
    clock.now += 60
    watched.turned("alert")
    assert told(watched) == []
    clock.now += 31
    watched.turned("alert")
    assert told(watched) == ["outward:webhook stands still for 91 s"]


def test_one_fault_is_no_trouble_and_faults_without_end_are_by_their_kind_alone() -> None:
    watched, clock = vitals()
    watched.faulted("alert", ValueError("Vera Sample"))
    clock.now += FAILING_AFTER
    watched.faulted("alert", ValueError("Vera Sample"))
    assert told(watched) == []
    clock.now += 1
    assert told(watched) == ["alert fails (ValueError) for 6 s"]
    watched.turned("alert")
    watched.faulted("alert", ValueError("Vera Sample"))
    assert told(watched) == []
