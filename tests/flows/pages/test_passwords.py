import base64

import pytest

from flows.pages.passwords import find_password, is_let_in, is_loopback, require_password


def header(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


def test_the_password_comes_from_a_file_or_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("VERISIM_PAGES_AUTH", raising=False)
    assert find_password(None) is None
    monkeypatch.setenv("VERISIM_PAGES_AUTH", "ada:from the environment")
    assert find_password(None) == "ada:from the environment"
    path = tmp_path / "auth"
    path.write_text("ada:pass:word\n")
    assert find_password(path) == "ada:pass:word"


@pytest.mark.parametrize("text", ["", "ada", "ada:", ":secret"])
def test_what_is_no_user_and_password_is_refused_and_not_printed(tmp_path, text):
    path = tmp_path / "auth"
    path.write_text(text)
    with pytest.raises(ValueError, match="must hold user:password") as told:
        find_password(path)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "build-host"])
def test_other_machines_read_nothing_without_a_password(host):
    with pytest.raises(ValueError, match="no password is set"):
        require_password(host, None)
    require_password(host, "ada:secret")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_needs_none(host):
    assert is_loopback(host)
    require_password(host, None)


def test_only_the_whole_user_and_password_is_let_in():
    assert is_let_in(header("ada:pass:wörd"), "ada:pass:wörd")
    wrong = [
        None,
        "",
        "Basic",
        "Basic !!!",
        header("ada:pass"),
        header("ada:pass:wörd "),
        "Bearer ada:pass:wörd",
    ]
    assert [given for given in wrong if is_let_in(given, "ada:pass:wörd")] == []
