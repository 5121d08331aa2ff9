"""Settings: what is misspelt stops the start, and the message names it without its value."""

from datetime import date
from pathlib import Path

import pytest

from spowatch.settings.faults import SettingsError
from spowatch.settings.root import read_settings
from spowatch.wiring.outward import lanes_of
from spowatch.wiring.receivers import receivers
from spowatch.wiring.store import now


def test_without_any_setting_everything_is_kept_below_var() -> None:
    settings = read_settings({})
    assert settings.log_path == Path("var/log.db")
    assert settings.keys_path == Path("var/keys.db")


def test_a_variable_sets_the_part_its_name_spells() -> None:
    settings = read_settings({"SPO_LOG__PATH": "/data/spo.db", "SPO_DATA_DIR": "/data"})
    assert settings.log_path == Path("/data/spo.db")
    assert settings.console_path == Path("/data/console.jsonl")


@pytest.mark.parametrize("name", ["SPO_LGO__PATH", "SPO_LOG__PTAH", "SPO_DATADIR"])
def test_a_misspelt_setting_stops_the_start_and_is_named(name: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({name: "very-secret"})
    assert name in str(error.value)
    assert "very-secret" not in str(error.value)


def test_a_kind_of_log_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingsError, match="SPO_LOG__KIND"):
        read_settings({"SPO_LOG__KIND": "paper"})


def test_a_setting_that_has_no_parts_is_refused() -> None:
    with pytest.raises(SettingsError, match="SPO_DATA_DIR__X"):
        read_settings({"SPO_DATA_DIR": "/data", "SPO_DATA_DIR__X": "1"})


def test_a_file_gives_settings_and_the_environment_goes_before_it(tmp_path: Path) -> None:
    file = tmp_path / "spowatch.toml"
    file.write_text('data_dir = "/from-file"\n[routes]\nspo_on_conviction = 2027-01-01\n')
    settings = read_settings({"SPO_SETTINGS_FILE": str(file), "SPO_DATA_DIR": "/from-env"})
    assert settings.data_dir == Path("/from-env")
    assert settings.routes.commenced() == {"spo_on_conviction": date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("written", "said"),
    [(b"= =", "no TOML"), (b"\xff\xfe", "no TOML in UTF-8"), (None, "No such file")],
)
def test_a_settings_file_that_cannot_be_read_stops_the_start(
    written: bytes | None, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "broken.toml"
    if written is not None:
        file.write_bytes(written)
    with pytest.raises(SettingsError, match=f"SPO_SETTINGS_FILE: .*broken.toml: .*{said}"):
        read_settings({"SPO_SETTINGS_FILE": str(file)})


@pytest.mark.parametrize("part", ["LOG", "KEYS"])
@pytest.mark.parametrize(
    "dsn", ["very-secret", "host=db passwort=very-secret", "host='very-secret"]
)
def test_a_dsn_that_cannot_be_read_is_named_and_not_shown(part: str, dsn: str) -> None:
    with pytest.raises(
        SettingsError, match=f"SPO_{part}__DSN: cannot be read; write host="
    ) as error:
        read_settings({f"SPO_{part}__KIND": "postgres", f"SPO_{part}__DSN": dsn})
    assert "very-secret" not in str(error.value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"KIND": "ssl"}, "SPO_TRANSPORT__SECURITY__KIND"),
        ({"KIND": "sasl_tls", "PASSWORD": "very-secret"}, "SPO_TRANSPORT__SECURITY__USER"),
        ({"KIND": "sasl_tls", "USER": "very-secret"}, "PASSWORD_FILE"),
        ({"KIND": "tls", "CAFILE": "very-secret"}, "SPO_TRANSPORT__SECURITY__CAFILE"),
        ({"PASSWORD": "very-secret"}, "SPO_TRANSPORT__SECURITY__PASSWORD"),
    ],
)
def test_what_is_wrong_with_the_way_to_a_broker_is_named(given: dict[str, str], named: str) -> None:
    security = {f"SPO_TRANSPORT__SECURITY__{name}": value for name, value in given.items()}
    kafka = {"SPO_TRANSPORT__KIND": "kafka", "SPO_TRANSPORT__BOOTSTRAP": "127.0.0.1:1"}
    with pytest.raises(SettingsError) as error:
        read_settings(kafka | security)
    assert named in str(error.value)
    assert "very-secret" not in str(error.value)


def test_a_part_given_as_a_word_is_refused_and_not_a_fault() -> None:
    kafka = {"SPO_TRANSPORT__KIND": "kafka", "SPO_TRANSPORT__BOOTSTRAP": "127.0.0.1:1"}
    with pytest.raises(SettingsError, match="SPO_TRANSPORT__SECURITY"):
        read_settings(kafka | {"SPO_TRANSPORT__SECURITY": "tls"})


def test_keys_are_in_a_file_or_in_a_database_whose_dsn_is_never_shown() -> None:
    assert read_settings({"SPO_DATA_DIR": "/data"}).keys_named == "/data/keys.db"
    dsn = "host=keys password=very-secret"
    settings = read_settings({"SPO_KEYS__KIND": "postgres", "SPO_KEYS__DSN": dsn})
    assert "very-secret" not in settings.keys_named + repr(settings)
    with pytest.raises(SettingsError, match="SPO_KEYS__DSN"):
        read_settings({"SPO_KEYS__KIND": "postgres"})
    with pytest.raises(SettingsError, match="SPO_KEYS__PATH"):
        read_settings(
            {"SPO_KEYS__KIND": "postgres", "SPO_KEYS__DSN": dsn, "SPO_KEYS__PATH": "/keys.db"}
        )


KEY_OF_NOTIFY = f"duty-{'0f5a1b22-0000-4000-8000-000000000001-' * 2}".rstrip("-")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"WEBHOOK__URL": "very-secret"}, "SPO_WEBHOOK__URL"),
        ({"WEBHOOK__URL": "https://u:very-secret@cad.example/"}, "SPO_WEBHOOK__URL"),
        ({"WEBHOOK__URL": "https://cad.example:very-secret/"}, "SPO_WEBHOOK__URL"),
        ({"WEBHOOK__URL": "https://cad.example/", "WEBHOOK__LEAST": "5"}, "SPO_WEBHOOK__LEAST"),
        (
            {"WEBHOOK__URL": "https://cad.example/", "WEBHOOK__FORCES": "Kent, Mordor"},
            "SPO_WEBHOOK__FORCES: there is no force 'Mordor'",
        ),
        ({"MAIL__HOST": "mx", "MAIL__TO__DUTY": "d@k.example"}, "SPO_MAIL__SENDER"),
        (
            {"MAIL__HOST": "mx", "MAIL__SENDER": "a@b.example", "MAIL__TO__DUTY": "very-secret"},
            "SPO_MAIL__TO__DUTY: must be a mail address",
        ),
        (
            {"MAIL__HOST": "mx", "MAIL__SENDER": "a@b.example"},
            "SPO_MAIL__TO__DUTY: name somebody to reach, or set SPO_POLICY__FILE",
        ),
        ({"TEXT__API_KEY": "very-secret", "TEXT__TEMPLATE": "t"}, "SPO_TEXT__API_KEY"),
        ({"TRANSFER__SENDER": "us", "TRANSFER__TO__MORDOR": "https://m.example/"}, "SPO_TRANSFER"),
        ({"HEARTBEAT__URL": "very-secret"}, "SPO_HEARTBEAT__URL"),
        ({"CAP__SENDER": "us", "CAP__TO__ESSEX": "ftp://very-secret/"}, "SPO_CAP__TO__ESSEX"),
    ],
)
def test_what_is_wrong_with_the_way_outside_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({f"SPO_{name}": value for name, value in given.items()})
    assert named in str(error.value)
    assert "very-secret" not in str(error.value)


def test_beside_a_policy_nobody_need_be_named_for_mail_and_text(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "SPO_POLICY__FILE": str(tmp_path / "policy.toml"),
            "SPO_MAIL__HOST": "mx.kent.example",
            "SPO_MAIL__SENDER": "alerts@kent.example",
            "SPO_TEXT__API_KEY": KEY_OF_NOTIFY,
            "SPO_TEXT__TEMPLATE": "t",
        }
    )
    told = {name.partition(":")[2] for name in lanes_of(settings)}
    assert {"mail", "text"} <= told


def test_several_receivers_are_told_at_once_each_in_two_lanes_of_its_own() -> None:
    settings = read_settings(
        {
            "SPO_WEBHOOK__URL": "https://cad.example/",
            "SPO_MAIL__HOST": "mx.kent.example",
            "SPO_MAIL__SENDER": "alerts@kent.example",
            "SPO_MAIL__TO__DUTY": "duty@kent.example",
            "SPO_TEXT__API_KEY": KEY_OF_NOTIFY,
            "SPO_TEXT__TEMPLATE": "t",
            "SPO_TEXT__TO__DUTY": "07700900001",
            "SPO_CAP__SENDER": "spowatch.kent.example",
            "SPO_CAP__TO__ESSEX": "https://essex.example/",
            "SPO_CAP__TO__SUSSEX": "https://sussex.example/",
        }
    )
    *lanes, receipts = lanes_of(settings)
    assert receipts == "receipts"
    told = {name.partition(":")[2] for name in lanes}
    assert told == {"webhook", "mail", "text", "cap-essex", "cap-sussex"}
    assert len(lanes) == 2 * len(told)
    assert "duty@" not in repr(settings)


@pytest.mark.parametrize(
    ("setting", "given"),
    [
        ("WEBHOOK__KEY", "whsec_very-secret"),
        ("WEBHOOK__NEXT_KEY", "very-secret"),
        ("WEBHOOK__AUTHORITY", "/nowhere/very-secret"),
    ],
)
def test_a_key_that_is_none_and_a_file_that_is_not_there_are_named(
    setting: str, given: str, tmp_path: Path
) -> None:
    told = {"SPO_WEBHOOK__URL": "https://cad.example/", f"SPO_{setting}": given}
    with pytest.raises(SettingsError) as error:
        receivers(read_settings(told | {"SPO_DATA_DIR": str(tmp_path)}))["webhook"](now)
    assert str(error.value).startswith(f"SPO_{setting}: ")
    assert "very-secret" not in str(error.value)


def test_a_key_of_our_own_that_was_damaged_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "webhook.key").write_text("very-secret")
    told = {"SPO_WEBHOOK__URL": "https://cad.example/", "SPO_DATA_DIR": str(tmp_path)}
    with pytest.raises(SettingsError, match=r"webhook\.key") as error:
        receivers(read_settings(told))["webhook"](now)
    assert "very-secret" not in str(error.value)
