"""Secrets and personal data become typed placeholders; ordinary code stays as it is."""

import pytest

from infinite_instruct.tools.redaction import find_secrets, redact

# Put together here, so that no scanner takes this file for a leak.
AWS = "AKIA" + "Z7QK3PLM9XW2RT5B"
OPENAI = "sk-" + "proj-" + "a8Kd93jfL2mQx7Vt5Zr1Wb6Yc4Nh0PsE"
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA75\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (AWS, "AWS_KEY"),
        (OPENAI, "OPENAI_KEY"),
        (PEM, "PRIVATE_KEY"),
        ("ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", "GITHUB_TOKEN"),
        ("hf_" + "AbCdEfGhIjKlMnOpQrStUvWxYzAbCdEfGh", "HUGGING_FACE_TOKEN"),
        ("jane.doe@" + "company.com", "EMAIL"),
        ("+49 30 1234 5678", "PHONE"),
        ("8.8.4.4", "IP_ADDRESS"),
    ],
    ids=lambda value: value if value.isupper() and "_" in value else "",
)
def test_what_is_private_is_replaced_by_its_kind(secret: str, kind: str) -> None:
    redacted = redact(f'value = "{secret}"  # keep\n')

    assert redacted.text == f'value = "<{kind}>"  # keep\n'
    assert redacted.found == (kind,)


def test_a_password_in_a_url_goes_and_the_url_stays() -> None:
    redacted = redact('DB = "postgres://app:Gh7sKq2pX@db.internal/main"')

    assert "Gh7sKq2pX" not in redacted.text
    assert "postgres://app:<PASSWORD>@db.internal/main" in redacted.text


def test_a_random_value_beside_a_secret_sounding_name_goes() -> None:
    value = "f3Jk9" + "Lm2Qw8Zx4Vb7"

    assert redact(f'db_password = "{value}"').text == 'db_password = "<SECRET>"'


def test_a_secret_is_replaced_wherever_it_stands_on_a_long_line() -> None:
    line = "x" * 950 + f' "{AWS}" ' + "y" * 3_000 + f' "{AWS}" '

    assert AWS not in redact(line).text
    assert redact(line).text.count("<AWS_KEY>") == 2


def test_a_private_key_without_its_end_is_cut_off_to_the_end() -> None:
    assert "MIIE" not in redact(PEM.partition("-----END")[0]).text


@pytest.mark.parametrize(
    "code",
    [
        "result = weights@self.layers.inverse",
        "password = getpass('Password: ')",
        'password = "changeme"',
        "token = request.headers['Authorization']",
        'host = "127.0.0.1"',
        'mask = "255.255.255.0"',
        "mail = 'someone@example.com'",
        "@app.route('/login')\ndef login(): ...",
        "total = a +1 -2 -3 -40",
        "ids = [100, 200, 300]; key = sorted(ids, key=len)",
        'digest = "d41d8cd98f00b204e9800998ecf8427e"',
        "secret_santa = random.choice(names)",
    ],
)
def test_ordinary_code_stays_as_it_is(code: str) -> None:
    assert redact(code).text == code


def test_personal_data_is_no_secret_but_a_key_is() -> None:
    assert find_secrets("write to jane.doe@" + "company.com") == ()
    assert find_secrets(f"key = '{OPENAI}'") == ("OPENAI_KEY",)


def test_a_hostile_line_is_redacted_in_bounded_steps() -> None:
    # Quadratic detectors would need hours for these.
    for line in ("://a:" * 4_000, "password" * 4_000, "a@a." * 20_000, "+1 22 " * 20_000):
        assert redact(line).found in {(), ("PASSWORD",), ("PHONE",), ("EMAIL",)}
