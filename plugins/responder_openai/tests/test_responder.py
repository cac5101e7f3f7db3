"""The responder against an endpoint on this machine: what it sends, what it says, and how it fails."""

import socket
import threading
from typing import Any

import pytest
from antiphon.errors import InputError, StageError
from antiphon.payloads import Exchange
from antiphon.stages import Setup
from antiphon.testing import conformance
from antiphon_responder_openai.options import NOTHING_UNDERSTOOD, SYSTEM_PROMPT, ChatOptions
from antiphon_responder_openai.responder import ChatResponder, ChatSession


def opened(endpoint: Any, seed: int = 0, **options: Any) -> ChatSession:
    chosen = {"base_url": endpoint.url, "model": "small", "read_timeout_s": 2.0, **options}
    return ChatResponder(ChatOptions(**chosen), Setup()).session(seed)


def reply(session: ChatSession, text: str = "hello", history: Any = ()) -> str:
    return "".join(session.stream(Exchange(len(history) // 2, text, history)))


class TestSuite(conformance.ResponderSuite):
    name = "openai"

    @pytest.fixture
    def options_table(self, endpoint: Any) -> dict[str, Any]:
        return {"base_url": endpoint.url, "model": "small"}


# -- what is sent --------------------------------------------------------------------------------------------------


def test_sends_the_dialogue_in_order(endpoint: Any) -> None:
    history = (("user", "hi"), ("agent", "hello"), ("user", ""), ("agent", "pardon?"))
    assert reply(opened(endpoint), "I am tired", history) == "Hello there."
    (request,) = endpoint.requests
    assert request.path == "/v1/chat/completions"
    assert request.body["messages"] == [
        {"role": "system", "content": SYSTEM_PROMPT},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": NOTHING_UNDERSTOOD},
        {"role": "assistant", "content": "pardon?"},
        {"role": "user", "content": "I am tired"},
    ]
    assert request.body["stream"] is True
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("silence", ["", "  \n"])
def test_nothing_understood_is_told_in_the_words_of_the_option(endpoint: Any, silence: str) -> None:
    reply(opened(endpoint, nothing_understood="(silence)", system_prompt=""), silence)
    assert endpoint.requests[0].body["messages"] == [{"role": "user", "content": "(silence)"}]


@pytest.mark.parametrize(("turns", "kept"), [(0, []), (1, ["5", "6"]), (2, ["3", "4", "5", "6"]), (9, list("123456"))])
def test_history_is_as_long_as_asked(endpoint: Any, turns: int, kept: list[str]) -> None:
    history = tuple(("agent" if n % 2 == 0 else "user", str(n)) for n in range(1, 7))
    reply(opened(endpoint, history_turns=turns, system_prompt=""), "now", history)
    assert [message["content"] for message in endpoint.requests[0].body["messages"]] == [*kept, "now"]


def test_sampling_options_and_seed_are_sent(endpoint: Any) -> None:
    reply(opened(endpoint, seed=7, temperature=0.5, max_tokens=40, extra_body={"top_p": 0.9}))
    body = endpoint.requests[0].body
    assert (body["seed"], body["temperature"], body["max_tokens"], body["top_p"]) == (7, 0.5, 40, 0.9)
    reply(opened(endpoint, seed=2**62 + 5))
    assert 0 <= endpoint.requests[1].body["seed"] < 2**31
    reply(opened(endpoint, send_seed=False, max_tokens=None))
    assert not {"seed", "temperature", "max_tokens"} & endpoint.requests[2].body.keys()


def test_secrets_come_from_the_environment(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", " sk-123\n")
    monkeypatch.setenv("A_TOKEN", "t-456")
    reply(opened(endpoint, api_key="env:A_KEY", headers={"X-Token": "env:A_TOKEN", "X-Title": "study"}))
    sent = endpoint.requests[0].headers
    assert (sent["Authorization"], sent["X-Token"], sent["X-Title"]) == ("Bearer sk-123", "t-456", "study")


def test_a_missing_secret_is_an_error_on_opening(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A_KEY", raising=False)
    with pytest.raises(InputError, match="environment variable A_KEY is not set"):
        opened(endpoint, api_key="env:A_KEY")


def test_cookies_do_not_pass_between_sessions(endpoint: Any) -> None:
    endpoint.answers = [endpoint.refuses(500, "no", Set_Cookie="session=1"), endpoint.says("yes")]
    session = opened(endpoint)
    with pytest.raises(StageError):
        reply(session)
    reply(session)
    assert "Cookie" not in endpoint.requests[1].headers


# -- what is said --------------------------------------------------------------------------------------------------


def test_pieces_come_while_the_endpoint_still_writes(endpoint: Any) -> None:
    heard = threading.Event()

    def answer(handler: Any) -> None:
        handler.begin_events()
        handler.send_event(endpoint.piece("One"))
        handler.waited = heard.wait(10)
        handler.send_event(endpoint.piece(" two.", "stop"))
        handler.end_events()

    endpoint.answers = [answer]
    pieces = opened(endpoint, read_timeout_s=20.0).stream(Exchange(0, "count"))
    assert next(pieces) == "One"
    heard.set()
    assert list(pieces) == [" two."]
    assert endpoint.requests[0].waited


def test_text_is_unicode_and_may_look_like_anything(endpoint: Any) -> None:
    text = ["Grüße, 日本語 😀", "\n\n", "data: [DONE]", '{"error": 1}']
    endpoint.answers = [endpoint.says(*text)]
    assert list(opened(endpoint).stream(Exchange(0, "\udcff"))) == text


def test_a_stream_may_end_with_its_finish_reason_alone(endpoint: Any) -> None:
    endpoint.answers = [endpoint.events(endpoint.piece("Yes."), endpoint.piece(None, "length"))]
    assert reply(opened(endpoint)) == "Yes."


def test_hanging_up_early_leaves_the_session_usable(endpoint: Any) -> None:
    session = opened(endpoint)
    pieces = session.stream(Exchange(0, "hello"))
    next(pieces)
    pieces.close()
    assert reply(session) == "Hello there."


# -- how it fails --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (400, "bad seed", "400 Bad Request: bad seed"),
        (401, "wrong key", "401 Unauthorized: wrong key; check options.api_key"),
        (404, "no model", "404 Not Found: no model; check options.base_url and options.model"),
        (429, "slow down", "429 Too Many Requests: slow down; it is overloaded"),
        (500, "oops", "500 Internal Server Error: oops"),
    ],
)
def test_refusals_are_told_with_their_reason(endpoint: Any, status: int, message: str, told: str) -> None:
    endpoint.answers = [endpoint.refuses(status, message)]
    with pytest.raises(StageError) as caught:
        reply(opened(endpoint))
    assert f"responder: {endpoint.url}/chat/completions answered {told}" in str(caught.value)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("text/html", "<h1>Bad\ngateway</h1>", "<h1>Bad gateway</h1>"),
        ("application/json", '{"detail": "no such route"}', "no such route"),
        ("application/json", "[1]", "[1]"),
        ("text/plain", "", "no reason given"),
    ],
)
def test_refusals_in_other_forms_are_told_too(endpoint: Any, kind: str, text: str, told: str) -> None:
    endpoint.answers = [lambda handler: handler.send_text(502, text, kind)]
    with pytest.raises(StageError, match="502 Bad Gateway") as caught:
        reply(opened(endpoint))
    assert told in str(caught.value)


def test_an_answer_that_quotes_the_key_does_not_spread_it(endpoint: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "sk-123")
    endpoint.answers = [endpoint.refuses(401, "incorrect key sk-123")]
    with pytest.raises(StageError, match=r"incorrect key \*\*\*") as caught:
        reply(opened(endpoint, api_key="env:A_KEY"))
    assert "sk-123" not in str(caught.value)


BROKEN = {
    "not JSON": (["{", "[DONE]"], "an event is not JSON: {"),
    "not an object": (["[]", "[DONE]"], "no chat completion chunk"),
    "choices of another kind": (['{"choices": 5}'], "no chat completion chunk"),
    "text of another kind": (['{"choices": [{"delta": {"content": 5}}]}'], "no chat completion chunk"),
    "an error": (['{"error": {"message": "out of memory"}}'], "reports an error: out of memory"),
    "no text": (["[DONE]"], "the reply is empty"),
    "no event": ([], "broke off"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_streams_in_bad_form_are_errors(endpoint: Any, case: str) -> None:
    events, told = BROKEN[case]
    endpoint.answers = [endpoint.events(*events)]
    with pytest.raises(StageError) as caught:
        reply(opened(endpoint))
    assert told in str(caught.value)


@pytest.mark.parametrize("in_full", [True, False])
def test_a_stream_that_breaks_off_is_an_error_behind_what_was_said(endpoint: Any, in_full: bool) -> None:
    endpoint.answers = [endpoint.events(endpoint.piece("I think that"), in_full=in_full)]
    pieces = opened(endpoint).stream(Exchange(0, "hello"))
    assert next(pieces) == "I think that"
    with pytest.raises(StageError, match=r"broke off|without sending complete message"):
        next(pieces)


def test_an_answer_that_does_not_stream_is_an_error(endpoint: Any) -> None:
    endpoint.answers = [lambda handler: handler.send_json(200, {"choices": [{"message": {"content": "Hi"}}]})]
    with pytest.raises(StageError, match="does not stream"):
        reply(opened(endpoint))


def test_silence_within_a_stream_is_an_error(endpoint: Any) -> None:
    done = threading.Event()

    def answer(handler: Any) -> None:
        handler.begin_events()
        handler.send_event(endpoint.piece("Well"))
        done.wait(10)

    endpoint.answers = [answer]
    pieces = opened(endpoint, read_timeout_s=0.2).stream(Exchange(0, "hello"))
    assert next(pieces) == "Well"
    with pytest.raises(StageError, match=r"sent nothing for 0\.2 s"):
        next(pieces)
    done.set()


def test_an_endpoint_that_is_not_there_is_an_error() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        session = ChatResponder(ChatOptions(base_url=url, model="small", retries=1), Setup()).session(0)
        with pytest.raises(StageError, match="cannot be reached"):
            reply(session)


# -- trying again --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
def test_tries_again_when_the_endpoint_says_when(endpoint: Any, status: int) -> None:
    endpoint.answers = [endpoint.refuses(status, "later", Retry_After="0.01"), endpoint.says("Now.")]
    assert reply(opened(endpoint)) == "Now."
    assert len(endpoint.requests) == 2


def test_tries_again_no_more_often_than_allowed(endpoint: Any) -> None:
    endpoint.answers = [endpoint.refuses(429, "later", Retry_After="0")]
    with pytest.raises(StageError, match="later"):
        reply(opened(endpoint, retries=2))
    assert len(endpoint.requests) == 3


@pytest.mark.parametrize("wait", ["3600", "-1", "nan", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"])
def test_does_not_wait_for_long_or_for_nonsense(endpoint: Any, wait: str) -> None:
    endpoint.answers = [endpoint.refuses(429, "later", Retry_After=wait)]
    with pytest.raises(StageError, match="later"):
        reply(opened(endpoint))
    assert len(endpoint.requests) == 1


def test_never_says_anything_twice(endpoint: Any) -> None:
    endpoint.answers = [endpoint.events(endpoint.piece("Once"), in_full=False), endpoint.says("Twice")]
    with pytest.raises(StageError):
        reply(opened(endpoint))
    assert len(endpoint.requests) == 1


def test_reaches_an_endpoint_that_starts_late(endpoint: Any) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        session = ChatResponder(ChatOptions(base_url=url, model="small", retries=4), Setup()).session(0)
        late = threading.Timer(0.1, _answer_once, args=(listener, endpoint.piece("Here.", "stop")))
        late.start()
        assert reply(session) == "Here."
        late.join()


def _answer_once(listener: socket.socket, event: str) -> None:
    listener.listen()
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        data = f"data: {event}\n\ndata: [DONE]\n\n".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(data)}\r\n\r\n"
        connection.sendall(head.encode() + data)
