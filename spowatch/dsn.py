"""Where a database is, in libpq's own words, read before anything connects with them."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr


def words_of(dsn: str) -> dict[str, str]:
    """What it says of each of libpq's parameters. Raises `ProgrammingError`."""
    # The driver takes 0.1 s to load, so it is loaded where there is a database.
    from psycopg.conninfo import conninfo_to_dict

    return {name: str(value) for name, value in conninfo_to_dict(dsn).items()}


def _in_libpq_words(dsn: SecretStr) -> SecretStr:
    from psycopg import ProgrammingError

    try:
        words_of(dsn.get_secret_value())
    except ProgrammingError:  # its words hold some of the value
        msg = (
            "cannot be read; write host=HOST dbname=NAME user=USER, or postgresql://USER@HOST/NAME"
        )
        raise ValueError(msg) from None
    return dsn


Dsn = Annotated[SecretStr, AfterValidator(_in_libpq_words)]
