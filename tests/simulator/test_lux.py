"""What LUX's simulator holds for the tests of others."""

from simulator.lux import Lux


def test_month_that_a_device_holds() -> None:
    """A month of logs goes on from the counter, in rising order of both."""
    logs = Lux().month(811)
    numbers = [log["log_file_id"] for log in logs]
    assert numbers == list(range(13, 13 + len(logs)))
    starts = [log["start"] for log in logs]
    assert starts == sorted(starts)
    assert len({start[:10] for start in starts}) == 27
    assert len(logs) == 27 + 9
