"""Settings: what each takes, and that a wrong one is named in a sentence."""

import pytest

from config.settings import SECRETS, Settings, WrongSetting, load_settings

LONG_KEY = "a-key-of-the-tests-that-is-long-enough"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what this process was started with."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Set variables by `setenv`."""
    return monkeypatch


def why_not(*names: str) -> str:
    """Give the sentence that refuses the settings; it names these variables."""
    with pytest.raises(WrongSetting) as refused:
        load_settings()
    sentence = str(refused.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    for name in names:
        assert name in sentence
    return sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "65536"),
        ("COMMIT_BUDGET", "-1"),
        ("COMMIT_BUDGET", "nan"),
        ("ENVIRONMENT", "prod"),
        ("LOG_LEVEL", "loud"),
        ("GUESTS", "perhaps"),
        ("HOST", "\udcff"),
        ("DYNAMODB_TABLE_NAME", "ab"),
        ("DYNAMODB_TABLE_NAME", "a" * 256),
        ("DYNAMODB_TABLE_NAME", "my events"),
        ("DYNAMODB_SNAPSHOT_TABLE_NAME", "表の名前"),
        ("DYNAMODB_CLAIMS_TABLE_NAME", "claims\n"),
        ("DYNAMODB_LEASES_TABLE_NAME", "l"),
        ("KINESIS_STREAM_NAME", "my stream"),
        ("KINESIS_STREAM_NAME", "a" * 129),
        ("KINESIS_ENDPOINT", "localhost:8000"),
        ("KAFKA_BOOTSTRAP_SERVERS", "localhost"),
        ("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092,"),
        ("KAFKA_BOOTSTRAP_SERVERS", "localhost:0"),
        ("KAFKA_BOOTSTRAP_SERVERS", "localhost:65536"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka://localhost:9092"),
        ("KAFKA_BOOTSTRAP_SERVERS", "::1:9092"),
        ("KAFKA_TOPIC", "ec events"),
        ("KAFKA_TOPIC", ".."),
        ("KAFKA_TOPIC", "a" * 250),
        ("KAFKA_PARTITIONS", "0"),
        ("KAFKA_PARTITIONS", "10001"),
        ("KAFKA_PARTITIONS", "two"),
        ("LAMBDA_ENDPOINT", "localhost:8000"),
        ("LAMBDA_NAME_PREFIX", "ecshop/"),
        ("LAMBDA_NAME_PREFIX", "a" * 65),
        ("STACK_AWS_PORT", "65536"),
        ("STACK_SMTP_PORT", "-1"),
        ("STACK_MAILS_PORT", "x"),
        ("STORE", "kinesis"),
        ("WORKERS", "lambdas"),
        ("DYNAMODB_ENDPOINT", "localhost"),
        ("DYNAMODB_ENDPOINT", "localhost:8000"),
        ("DYNAMODB_ENDPOINT", "ftp://localhost"),
        ("DYNAMODB_ENDPOINT", "http://user:secret@localhost:8000"),
        ("DYNAMODB_ENDPOINT", "http://"),
        ("DYNAMODB_ENDPOINT", "http://:8000"),
        ("DYNAMODB_ENDPOINT", "http://localhost:99999"),
        ("DYNAMODB_ENDPOINT", "http://[::1"),
        ("DYNAMODB_ENDPOINT", "http://local host"),
        ("DYNAMODB_ENDPOINT", "http://localhost\n"),
        ("SMTP_HOST", "mail.example:25"),
        ("SMTP_HOST", "smtp://mail.example"),
        ("SMTP_HOST", "mail example"),
        ("SMTP_HOST", "mail.example\n"),
        ("SMTP_HOST", "[::1]"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "smtp"),
        ("SMTP_FROM", "EC Shop"),
        ("SMTP_FROM", "orders@"),
        ("SMTP_FROM", "a@shop.example, b@shop.example"),
        ("SMTP_FROM", "a@shop.example\r\nBcc: b@shop.example"),
        ("SMTP_FROM", "店 <店@shop.example>"),
        ("SMTP_FROM", "orders@店.example"),
        ("SMTP_FROM", "Shop <orders@shop.example> x"),
        ("SMTP_TLS", "ssl"),
        ("SMTP_USER", "shop\udcff"),
        ("NOTIFY_MAX_AGE", "0"),
        ("NOTIFY_MAX_AGE", "24h"),
        ("NOTIFY_AFTER_CRASH", "retry"),
        ("STORE", "sqlite"),
        ("STORE", "Postgres"),
        ("DATA_DIR", "\udcff"),
        ("READY_MAX_LAG", "0"),
        ("READY_MAX_LAG", "inf"),
        ("READY_MAX_LAG", "nan"),
        ("READY_MAX_LAG", "30s"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable(given: pytest.MonkeyPatch, name: str, value: str) -> None:
    given.setenv(name, value)
    why_not(f"{name}: ", repr(value))


@pytest.mark.parametrize(
    "value",
    [
        "*",
        "null",
        "shop.example",
        "ftp://shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://Shop.example",
        "https://shop.example:port",
        "https://shop example",
        "https://a.example;https://b.example",
    ],
)
def test_an_origin_that_no_browser_sends_is_named(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("CORS_ALLOWED_ORIGINS", f"http://localhost:3000, {value}")
    why_not("CORS_ALLOWED_ORIGINS: ", repr(value))


def test_origins_stand_between_commas(given: pytest.MonkeyPatch) -> None:
    given.setenv("CORS_ALLOWED_ORIGINS", "https://shop.example, http://127.0.0.1:3000,http://[::1]:8080,")
    assert load_settings().cors_allowed_origins == (
        "https://shop.example",
        "http://127.0.0.1:3000",
        "http://[::1]:8080",
    )


@pytest.mark.parametrize("value", ["hunter2é", "hunter2\n", " hunter2", "hunter2 ", "hun\tter2", "hunter2\udcff"])
def test_an_admin_token_that_no_header_carries_is_refused_and_not_told(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("ADMIN_TOKEN", value)
    assert "hunter2" not in why_not("ADMIN_TOKEN: ")


@pytest.mark.parametrize("value", ["hunter2", "hunter2" * 10 + "\udcff"])
def test_a_weak_key_is_refused_and_not_told(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("SECRET_KEY", value)
    assert "hunter2" not in why_not("SECRET_KEY: ")


@pytest.mark.parametrize("value", ["hunter2é", "hunter2\n", "hunter2\udcff"])
def test_a_password_that_no_mail_server_takes_is_refused_and_not_told(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("SMTP_PASSWORD", value)
    assert "hunter2" not in why_not("SMTP_PASSWORD: ")


@pytest.mark.parametrize("value", ["hunter2", "mysql://shop:hunter2@localhost/shop", "localhost:5432/hunter2"])
def test_what_is_no_address_of_a_database_is_refused_and_not_told(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("DATABASE_URL", value)
    assert "hunter2" not in why_not("DATABASE_URL: ", "postgresql://")


@pytest.mark.parametrize("password", ["hunter2/x", "hun@hunter2", "hunter2?x", "hunter2#x"])
def test_a_password_that_would_end_up_in_the_name_of_a_host_is_refused_and_not_told(
    given: pytest.MonkeyPatch, password: str
) -> None:
    given.setenv("DATABASE_URL", f"postgresql://shop:{password}@localhost:5432/shop")
    said = why_not("DATABASE_URL: ", "%2F", "%40")
    assert "hun" not in said


@pytest.mark.parametrize(
    "value",
    ["postgresql://shop:hunter2@db.example:5432/shop", "postgres:///shop?host=/run", "host=localhost dbname=shop"],
)
def test_a_database_is_named_by_a_url_or_a_connection_string(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("DATABASE_URL", value)
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == value
    assert "hunter2" not in repr(settings)


def test_without_a_word_everything_is_in_memory(given: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert (settings.store, settings.database_url, settings.data_dir, settings.ready_max_lag) == (
        "memory",
        None,
        ".ecshop",
        30.0,
    )


def test_mails_have_a_sender_of_their_own(given: pytest.MonkeyPatch) -> None:
    given.setenv("SMTP_HOST", "mail.example")
    why_not("SMTP_FROM", "SMTP_HOST")
    given.setenv("SMTP_FROM", "お店 <orders@mail.example>")
    assert load_settings().smtp_from == "お店 <orders@mail.example>"


@pytest.mark.parametrize(("name", "value"), [("SMTP_USER", "shop"), ("SMTP_PASSWORD", "hunter2")])
def test_a_log_in_is_a_user_and_a_password(given: pytest.MonkeyPatch, name: str, value: str) -> None:
    given.setenv(name, value)
    assert "hunter2" not in why_not("SMTP_USER", "SMTP_PASSWORD")


def test_a_password_does_not_travel_in_the_clear(given: pytest.MonkeyPatch) -> None:
    for name, value in {"SMTP_USER": "shop", "SMTP_PASSWORD": "hunter2", "SMTP_TLS": "none"}.items():
        given.setenv(name, value)
    assert "hunter2" not in why_not("SMTP_TLS", "SMTP_USER")


def test_production_wants_a_key_of_its_own(given: pytest.MonkeyPatch) -> None:
    given.setenv("ENVIRONMENT", "production")
    given.setenv("ADMIN_TOKEN", "hunter2")
    assert "hunter2" not in why_not("SECRET_KEY", "production")
    given.setenv("SECRET_KEY", LONG_KEY)
    assert load_settings().environment == "production"


def test_a_shop_in_memory_cannot_leave_its_work_to_other_processes(given: pytest.MonkeyPatch) -> None:
    given.setenv("WORKERS", "none")
    why_not("WORKERS", "STORE")
    given.setenv("STORE", "postgres")
    assert load_settings().workers == "none"


@pytest.mark.parametrize("store", ["memory", "postgres"])
def test_only_a_shop_on_dynamodb_can_leave_its_work_to_functions(given: pytest.MonkeyPatch, store: str) -> None:
    given.setenv("WORKERS", "lambda")
    given.setenv("STORE", store)
    why_not("WORKERS", "STORE")
    given.setenv("STORE", "dynamodb")
    assert load_settings().workers == "lambda"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("DYNAMODB_TABLE_NAME", "DYNAMODB_SNAPSHOT_TABLE_NAME"),
        ("DYNAMODB_TABLE_NAME", "DYNAMODB_CLAIMS_TABLE_NAME"),
        ("DYNAMODB_SNAPSHOT_TABLE_NAME", "DYNAMODB_CLAIMS_TABLE_NAME"),
        ("DYNAMODB_CLAIMS_TABLE_NAME", "DYNAMODB_LEASES_TABLE_NAME"),
    ],
)
def test_two_settings_may_not_name_one_table(given: pytest.MonkeyPatch, one: str, other: str) -> None:
    given.setenv(one, "shop")
    given.setenv(other, "shop")
    why_not(one, other, "'shop'")


def test_a_table_may_not_have_the_name_that_another_has_by_default(given: pytest.MonkeyPatch) -> None:
    given.setenv("DYNAMODB_TABLE_NAME", "claims")
    why_not("DYNAMODB_TABLE_NAME", "DYNAMODB_CLAIMS_TABLE_NAME", "'claims'")


def test_what_is_good_is_taken_as_it_is(given: pytest.MonkeyPatch) -> None:
    good = {
        "ADMIN_TOKEN": "a token with ~ in it",
        "SECRET_KEY": f"{LONG_KEY}\n鍵",
        "DYNAMODB_TABLE_NAME": "Shop.events_2-a",
        "DYNAMODB_SNAPSHOT_TABLE_NAME": "a" * 255,
        "DYNAMODB_CLAIMS_TABLE_NAME": "a.b",
        "DYNAMODB_LEASES_TABLE_NAME": "a-b",
        "KINESIS_STREAM_NAME": "s",
        "KINESIS_ENDPOINT": "http://127.0.0.1:4566",
        "KAFKA_BOOTSTRAP_SERVERS": "broker-1.shop.example:9092,[2001:db8::25]:65535,10.0.0.1:1",
        "KAFKA_TOPIC": "Shop.events_2-a",
        "DYNAMODB_ENDPOINT": "https://dynamodb.eu-west-1.amazonaws.com",
        "SMTP_HOST": "2001:db8::25",
        "SMTP_FROM": '"EC, Shop" & 店 <orders+a@mail.shop.example>',
        "SMTP_TLS": "implicit",
        "SMTP_USER": "shop@example",
        "SMTP_PASSWORD": " with spaces ",
    }
    for name, value in good.items():
        given.setenv(name, value)
    settings = load_settings()
    told = {name: getattr(settings, name.lower()) for name in good}
    assert {name: value.get_secret_value() if name in SECRETS else value for name, value in told.items()} == good


def test_servers_may_have_spaces_between_them(given: pytest.MonkeyPatch) -> None:
    given.setenv("KAFKA_BOOTSTRAP_SERVERS", " a:1 , b:2 ")
    given.setenv("KAFKA_PARTITIONS", "12")

    settings = load_settings()
    assert (settings.kafka_bootstrap_servers, settings.kafka_partitions) == ("a:1,b:2", 12)


def test_an_empty_variable_is_its_default(given: pytest.MonkeyPatch) -> None:
    defaults = load_settings()
    for name in Settings.model_fields:
        given.setenv(name.upper(), "")
    assert load_settings() == defaults


def test_a_command_line_comes_before_the_environment(given: pytest.MonkeyPatch) -> None:
    given.setenv("PORT", "9000")
    given.setenv("HOST", "127.0.0.2")
    settings = load_settings(port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "127.0.0.2")
