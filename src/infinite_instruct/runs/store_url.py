"""The URL of a store, apart from its password: that is never written down or shown."""

from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from infinite_instruct.errors import SettingsError

_SCHEMES = frozenset({"postgresql", "postgres"})
_SECRET = frozenset({"password", "sslpassword"})


def split_password(url: str) -> tuple[str, str]:
    """The URL without its password, and the password; empty where it has none.

    Raises:
        SettingsError: It is no URL of a PostgreSQL database. The message does not show it.
    """
    try:
        parts = urlsplit(url)
        asked = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        raise _wrong("it cannot be read") from None
    if parts.scheme not in _SCHEMES:
        raise _wrong("it does not begin with postgresql://")
    who, at, where = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    # A password with a bare / or ? or # would be taken for the rest of the URL, and be shown.
    if "@" in f"{parts.path}{parts.query}{parts.fragment}" or parts.fragment:
        raise _wrong("there is a @ or # behind the host")
    kept = [(key, value) for key, value in asked if key not in _SECRET]
    told = dict(asked).get("password", unquote(password))
    query = f"?{urlencode(kept, safe='/')}" if kept else ""
    return f"{parts.scheme}://{user}{at}{where}{parts.path}{query}", told


def secrets_of(url: str) -> tuple[str, ...]:
    """The password of a URL, as it is written there and as it is meant."""
    password = split_password(url)[1] if url else ""
    return tuple({password, quote(password, safe="")} - {""})


def _wrong(why: str) -> SettingsError:
    return SettingsError(
        f"The store's URL is wrong: {why}.",
        remedy="Write postgresql://user@host:5432/database; special characters of a password are "
        "written as %40 for @, %2F for /, and so on.",
    )
