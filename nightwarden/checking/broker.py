"""Whether the broker lets us in: a real connection over MQTT, with the monitor's own credentials.

It uses a client id of its own, made anew each time: with the gateway's it would throw the gateway
out. Nothing is subscribed or published; whether messages come through is the proof's to say.
"""

import secrets
import time

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from nightwarden.broker_url import BrokerUrl

ANSWERS_WITHIN_S = 3.0
KEEP_ALIVE_S = 15  # the embedded broker refuses 0


def reach(broker: BrokerUrl, within_s: float = ANSWERS_WITHIN_S) -> str | None:
    """Connect and say goodbye.

    Returns:
        None when the broker let us in; otherwise one sentence that says what is the matter.

    Raises:
        Invalid: the CA file cannot be used.
    """
    answers: list[ReasonCode] = []
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        f"nightwarden-check-{secrets.token_hex(4)}",
        clean_session=True,
        protocol=paho.MQTTv311,
        reconnect_on_failure=False,
    )
    client.connect_timeout = within_s
    client.on_connect = lambda _client, _data, _flags, code, _properties: answers.append(code)
    if broker.username is not None:
        client.username_pw_set(broker.username, broker.password)
    if (tls := broker.tls_context()) is not None:
        client.tls_set_context(tls)
    try:
        client.connect(broker.host, broker.port, KEEP_ALIVE_S)
    except OSError as problem:
        return broker.unreachable(problem)
    _wait_for_answer(client, answers, within_s)
    if not answers:
        return f"what listens at {broker} does not answer as an MQTT broker."
    return broker.refusal(answers[0].getName()) if answers[0].is_failure else None


def _wait_for_answer(client: paho.Client, answers: list[ReasonCode], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    outcome = MQTTErrorCode.MQTT_ERR_SUCCESS
    while not answers and not outcome and time.monotonic() < deadline:
        outcome = client.loop(timeout=0.1)
    if answers and not answers[0].is_failure:
        client.disconnect()
        client.loop(timeout=0.1)
    if (socket := client.socket()) is not None:
        socket.close()
