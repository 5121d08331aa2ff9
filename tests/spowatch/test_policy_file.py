from pathlib import Path

import pytest

from domain.desk.policies import STANDARD
from domain.repeats import STANDARD_REPEATS
from spowatch.policy_file import (
    EXAMPLE,
    PolicyFile,
    PolicyRefused,
    policies_of,
    read_policy,
    repeats_of,
)
from spowatch.settings.faults import SettingsError

GOOD = """
version = {version}
[[forces]]
force = "Kent"
must_be_filled = ["operator"]
shifts = [{{ role = "operator", days = "every", begin = "07:00", end = "07:00", staff = ["K1"] }}]
[forces.people]
K1 = [{{ channel = "text", address = "{address}" }}]
[policies.immediate]
version = 1
steps = [{{ after = 60, tells = "operator" }}]
repeat = 60
lease = 60
tell_protected_within = 60
[policies.prompt]
version = 1
steps = [{{ after = 60, tells = "operator" }}]
repeat = 60
lease = 60
tell_protected_within = 60
[policies.soon]
version = 1
steps = [{{ after = 60, tells = "operator" }}]
repeat = 60
lease = 60
tell_protected_within = 60
[policies.routine]
version = 1
steps = [{{ after = 60, tells = "operator" }}]
repeat = 60
lease = 60
tell_protected_within = 60
"""
NUMBER = "+447700900123"


def told(version: int = 1, address: str = NUMBER) -> str:
    return GOOD.format(version=version, address=address)


def policy_at(folder: Path, text: str) -> PolicyFile:
    (folder / "policy.toml").write_text(text)
    return PolicyFile(folder / "policy.toml", folder / "kept.toml")


def test_the_national_example_may_be_taken_as_it_is() -> None:
    book = read_policy(EXAMPLE.read_text())
    assert len(book.forces) == 45
    assert len(book.rotas) == 45


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        ("version = [", "not TOML"),
        (told().replace("07:00", "25:00", 1), "forces: Kent: shifts: 1: begin"),
        (told(address="07700 900123"), "forces: Kent: people: K1: 1: the channel text needs +44"),
        (told().replace('K1 = [{ channel = "text", address = "+447700900123" }]', "K1 = []"), "K1"),
    ],
)
def test_why_a_file_is_not_taken_is_said_by_place_and_without_an_address(
    spoiled: str, said: str
) -> None:
    with pytest.raises(PolicyRefused) as refused:
        read_policy(spoiled)
    assert said in str(refused.value)
    assert "900123" not in str(refused.value)


def test_a_change_is_taken_without_a_restart(tmp_path: Path) -> None:
    policy = policy_at(tmp_path, told(1))
    assert policy.current().version == 1
    (tmp_path / "policy.toml").write_text(told(20))
    assert policy.current().version == 20


@pytest.mark.parametrize("broken", ["version = [", ""])
def test_a_broken_file_never_replaces_a_good_one(tmp_path: Path, broken: str) -> None:
    policy = policy_at(tmp_path, told(1))
    policy.current()
    (tmp_path / "policy.toml").write_text(broken)
    assert policy.current().version == 1
    assert policy.refused
    (tmp_path / "policy.toml").write_text(told(2))
    assert (policy.current().version, policy.refused) == (2, ())


def test_after_a_restart_the_last_good_one_goes_on_while_the_file_is_broken(tmp_path: Path) -> None:
    policy_at(tmp_path, told(1)).current()
    again = policy_at(tmp_path, "broken")
    assert again.current().version == 1
    assert again.refused
    (tmp_path / "policy.toml").unlink()
    assert policy_at_only(tmp_path).current().version == 1


def policy_at_only(folder: Path) -> PolicyFile:
    return PolicyFile(folder / "policy.toml", folder / "kept.toml")


def test_what_is_kept_is_for_our_eyes_only(tmp_path: Path) -> None:
    policy_at(tmp_path, told()).current()
    assert (tmp_path / "kept.toml").stat().st_mode & 0o777 == 0o600


def test_a_first_file_that_is_broken_stops_the_start_and_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SPO_POLICY__FILE: not TOML"):
        policy_at(tmp_path, "version = [").current()


DEEP = "version = " + "[" * 5000
"""More than the reader of TOML goes into."""


@pytest.mark.parametrize("damaged", [b"version = \xff", DEEP.encode(), b"version = ["])
def test_an_alert_waits_for_no_policy_whatever_became_of_the_one_kept(
    tmp_path: Path, damaged: bytes
) -> None:
    (tmp_path / "kept.toml").write_bytes(damaged)
    policy = policy_at(tmp_path, DEEP)
    assert (repeats_of(policy), policies_of(policy, "Kent")) == (STANDARD_REPEATS, STANDARD)
    with pytest.raises(SettingsError, match="too deep"):
        policy.current()


def test_a_folder_that_cannot_be_looked_into_stops_no_alert(tmp_path: Path) -> None:
    policy = PolicyFile(Path("\0"), tmp_path / "kept.toml")
    assert (repeats_of(policy), policies_of(policy, "Kent")) == (STANDARD_REPEATS, STANDARD)
