"""What a profile may say about the endpoint, and what it must not hold."""

from pathlib import Path
from typing import Any

import attrs
import pytest
from antiphon.errors import ProfileError
from antiphon.profile import load_profile
from antiphon_responder_openai.options import ChatOptions

PROFILE = """
schema = 1
name = "study"
[audio_in]
use = "terminal"
[recognizer]
use = "terminal"
[responder]
use = "openai"
options = {{ base_url = "http://localhost:11434/v1", model = "small"{options} }}
[strategy]
use = "neutral"
[synthesizer]
use = "none"
[audio_out]
use = "none"
"""


def make(**options: Any) -> ChatOptions:
    return ChatOptions(**{"base_url": "http://localhost/v1", "model": "small", **options})


@pytest.mark.parametrize("url", ["http://localhost:8000/v1", "https://api.example.org/v1/", "http://[::1]:1/"])
def test_addresses(url: str) -> None:
    assert make(base_url=url).base_url == url


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://host/v1", "http://", "http://host:x/", "http://[::1/"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="must be the address"):
        make(base_url=url)


@pytest.mark.parametrize("url", ["http://me:secret@host/v1", "http://host/v1?api_key=secret"])
def test_addresses_hold_no_secrets(url: str) -> None:
    with pytest.raises(ValueError, match="must hold no user") as caught:
        make(base_url=url)
    assert "secret@" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-123", "env:", ""])
def test_keys_are_only_named(key: str) -> None:
    with pytest.raises(ValueError, match='must name an environment variable, as "env:') as caught:
        make(api_key=key)
    assert "sk-123" not in str(caught.value)


@pytest.mark.parametrize("name", ["Authorization", "x-api-key", "X-ApiKey", "Cookie", "X-Auth-Token"])
def test_secret_headers_are_only_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is a secret") as caught:
        make(headers={name: "sk-123"})
    assert "sk-123" not in str(caught.value)
    make(headers={name: "env:A_KEY"})


@pytest.mark.parametrize("headers", [{"a b": "x"}, {"": "x"}, {"X-A": "a\r\nX-B: b"}, {"X-A": "ü"}])
def test_headers_are_well_formed(headers: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"header"):
        make(headers=headers)


@pytest.mark.parametrize("body", [{"messages": []}, {"stream": False}, {"x": float("nan")}, {"x": object()}])
def test_extra_body_is_json_and_changes_nothing_essential(body: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must"):
        make(extra_body=body)


def load(folder: Path, options: str) -> Any:
    path = folder / "study.toml"
    path.write_text(PROFILE.format(options=options))
    return load_profile(path)


def test_profile_check_tells_of_missing_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_KEY", raising=False)
    monkeypatch.setenv("A_TOKEN", "")
    with pytest.raises(ProfileError) as caught:
        load(tmp_path, ', api_key = "env:A_KEY", headers = { X-Token = "env:A_TOKEN" }')
    assert "responder.options.api_key: the environment variable A_KEY is not set" in str(caught.value)
    assert "responder.options.headers.X-Token: the environment variable A_TOKEN is not set" in str(caught.value)

    monkeypatch.setenv("A_KEY", "sk-123")
    monkeypatch.setenv("A_TOKEN", "t-456")
    profile = load(tmp_path, ', api_key = "env:A_KEY", headers = { X-Token = "env:A_TOKEN" }')
    assert "sk-123" not in repr(profile.resolved)
    assert "env:A_KEY" in repr(profile.resolved)


def test_a_key_in_the_clear_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="must name an environment variable") as caught:
        load(tmp_path, ', api_key = "sk-123"')
    assert "sk-123" not in str(caught.value)


@pytest.mark.parametrize("policy", ["on_error", "on_timeout"])
def test_a_fallbacks_secrets_are_checked_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, policy: str) -> None:
    monkeypatch.delenv("A_KEY", raising=False)
    text = PROFILE.format(options="")
    fallback = '{ base_url = "http://localhost/v1", model = "big", api_key = "env:A_KEY" }'
    text = text.replace("[strategy]", f'{policy} = {{ fallback = "openai", options = {fallback} }}\n[strategy]')
    (tmp_path / "study.toml").write_text(text)
    with pytest.raises(ProfileError, match=rf"responder\.{policy}\.options\.api_key: the environment variable A_KEY"):
        load_profile(tmp_path / "study.toml")


def test_readme_names_every_option() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    for field in attrs.fields(ChatOptions):
        assert f"| `{field.name}` |" in readme
