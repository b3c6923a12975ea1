"""Secrets and personal data become typed placeholders; ordinary code stays as it is."""

import itertools

import pytest

from infinite_instruct.tools import redaction
from infinite_instruct.tools.redaction import find_secrets, redact
from infinite_instruct.tools.secret_detectors import detectors

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


SAMPLES = [
    "AKC" + "p8kd93jfL2mQx7",
    "AP" + "A8kd93jfL2mQx7",
    AWS,
    "aws_secret_" + "key = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9n'",
    "AccountKey=" + "aB3d" * 22,
    "https://app:" + "Gh7sKq2pX@db.internal",
    "cloudant_" + "key = '" + "a1b2c3d4" * 8,
    "https://me:" + "a1b2c3d4" * 8 + "@me.cloudant.com",
    "M" + "TEyMzQ1Njc4OTAxMjM0NTY3" + ".Xabcde." + "abcdefghijklmnopqrstuvwxyz0",
    "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "glpat-" + "a1B2c3D4e5F6g7H8i9J0",
    "glcbt-" + "a1_" + "a1B2c3D4e5F6g7H8i9J0",
    "8.8.4.4",
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "a1b2c3d4" * 4 + "-us12",
    "//registry.npmjs.org/:_authToken=" + "npm_xyz",
    "sk-" + "a1B2c3D4e5F6g7H8i9J0" + "T3BlbkFJ" + "a1B2c3D4e5F6g7H8i9J0",
    "pypi-AgEIcHlwaS5vcmc" + "aB3d" * 20,
    "SG." + "a1B2c3D4e5F6g7H8i9J0kL" + "." + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9n123",
    "xoxb-" + "123-abc",
    "https://hooks.slack.com/services/" + "Tabc/Bdef/ghi",
    "softlayer_" + "key = '" + "a1b2c3d4" * 8,
    "sq0csp-" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6kL9n123",
    "sk_live_" + "a1B2c3D4e5F6g7H8i9J0kLmN",
    "123456789:" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ",
    "AC" + "a1b2c3d4" * 4,
    "password = " + '"f3Jk9Lm2Qw8Zx4Vb7"',
]
ENDS = ("\n", "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028")


@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_looking_at_the_whole_text_first_misses_nothing_of_its_lines(sample: str) -> None:
    kept = 0
    for before, after in itertools.product(("", "x", "x ", '"', "-", "(", "."), repeat=2):
        line = before + sample + after
        alone = [found for each in detectors() for found in each.find(line)]
        kept += bool(alone)
        for end in ENDS:
            text = f"first{end}{line}{end}last"
            assert (redact(text).found != ()) == bool(redact(line).found), (line, end)
            assert {kind for _, _, kind in alone} <= set(kinds_of(text)), (line, end)
    assert kept, "the sample is one"


def kinds_of(text: str) -> list[str]:
    return [kind for each in suspects(text) for _, _, kind in each]


def suspects(text: str) -> list[list[tuple[int, int, str]]]:
    lines = text.splitlines(keepends=True)
    return [list(each.find(line)) for each in redaction._suspects(lines) for line in lines]


def test_lines_of_one_kind_of_end_take_no_longer_together_than_alone() -> None:
    # What crosses such an end would be searched from each line to the end of the text.
    assert redact("//a\r" * 50_000 + "key\x0b" * 50_000).found == ()
