"""How every client of ours reaches a broker, is let in, and finds it again: the one place for it."""

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from kafka.errors import (
    InvalidReceiveError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    SaslAuthenticationFailedError,
    UnsupportedSaslMechanismError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from consumers.broker_trouble import BrokerTrouble

_REACHING: Mapping[str, Any] = MappingProxyType(
    {
        "request_timeout_ms": 3_000,
        "reconnect_backoff_ms": 20,
        "reconnect_backoff_max_ms": 500,
        "retry_backoff_ms": 50,
        "bootstrap_timeout_ms": 5_000,
        # Ten seconds unset: so long a frozen node would hold up the search for the next leader.
        "socket_connection_setup_timeout_ms": 1_000,
        "socket_connection_setup_timeout_max_ms": 2_000,
    }
)
_OWN = ("socket_connection_setup_timeout_ms", "socket_connection_setup_timeout_max_ms")
"""The network layer has these; the clients do not pass them on."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The brokers, and what lets us in."""

    brokers: Sequence[str]
    security: Callable[[], Mapping[str, Any]] = dict
    """Kafka's own settings, read anew for each client: a renewed password needs no restart.

    Raises `BrokerTrouble`.
    """

    def client(self, kind: Callable[..., Any], name: str, **settings: Any) -> Any:
        """A new client of that kind, connected. Raises `BrokerTrouble` and `KafkaError`.

        Whoever is refused is not asked again by this client: the caller waits before the next.
        """
        network: list[_Network] = []

        def connect(**given: Any) -> _Network:
            network.append(_Network(**given | {name: _REACHING[name] for name in _OWN}))
            return network[0]

        stated = {name: value for name, value in _REACHING.items() if name not in _OWN}
        try:
            return kind(
                bootstrap_servers=list(self.brokers),
                client_id=name,
                kafka_client=connect,
                **stated | dict(self.security()) | settings,
            )
        except KafkaError as fault:
            # kafka-python 3.0.12 leaves the thread of a client that could not connect running.
            for each in network:
                each.close()
            raise _explained(fault, named="sasl_mechanism" in self.security()) from fault


class _Network(KafkaNetClient):  # type: ignore[misc]  # the library is not typed
    """The library's, on connections that know when they are refused."""

    def __init__(self, **settings: Any) -> None:
        net = NetworkSelector(**settings)
        super().__init__(net, _Connections(net, **settings))


class _Connections(KafkaConnectionManager):  # type: ignore[misc]  # the library is not typed
    """Stops at a refusal while it looks for a first broker.

    kafka-python 3.0.12 forgets why it was turned away and knocks some three times a second until
    its time is up, which locks accounts and tells nobody what to mend. Half of the time it does not
    even hear why: the broker hangs up with its last word, and the client drops that. So it knocks
    slowly where it has a name to lose.
    """

    _SLOWER = 10

    def __init__(self, net: Any, **settings: Any) -> None:
        super().__init__(net, **settings)
        self._refusal: KafkaError | None = None

    def get_connection(self, node_id: Any, **settings: Any) -> Any:
        if self.bootstrapped:
            return super().get_connection(node_id, **settings)
        if self._refusal is not None:
            raise self._refusal
        connection = super().get_connection(node_id, **settings)
        connection.init_future.add_errback(self._note)
        return connection

    def update_backoff(self, node_id: Any) -> float:
        pause: float = super().update_backoff(node_id)
        if self.bootstrapped or self.config["security_protocol"] == "PLAINTEXT":
            return pause
        failures, until, patience = self._backoff[node_id]
        more = (self._SLOWER - 1) * pause
        self._backoff[node_id] = (failures, until + more / 1000, patience)
        return pause + more

    def _note(self, fault: Exception) -> None:
        if _refusal_of(fault) is not None:
            self._refusal = fault


def _explained(fault: KafkaError, *, named: bool) -> Exception:
    """For one who came with a user and password if `named`."""
    refusal = _refusal_of(fault)
    if refusal is not None:
        return BrokerTrouble(refusal)
    if isinstance(fault, KafkaTimeoutError):
        return BrokerTrouble(_SILENT + _OR_HUNG_UP if named else _SILENT)
    return cast("Exception", fault)


def _refusal_of(fault: Exception) -> str | None:
    """What to do about it; None where asking again may help."""
    if isinstance(fault, KafkaConnectionError):
        fault = next(
            (each for each in (fault.__context__, *fault.args) if isinstance(each, ssl.SSLError)),
            fault,
        )
    return next((words for kind, words in _REFUSALS if isinstance(fault, kind)), None)


_SECURITY = "SPO_TRANSPORT__SECURITY__"
_NO_SUCH_USER = (
    f"the broker does not take the user and password: correct {_SECURITY}USER and {_SECURITY}PASSWORD "
    f"(or what {_SECURITY}PASSWORD_FILE holds), or give the user that password at the broker"
)
_NO_SUCH_MECHANISM = (
    f"the broker does not offer that mechanism: set {_SECURITY}MECHANISM to one that it does"
)
_NOT_TRUSTED = (
    f"the broker's certificate is not signed by what {_SECURITY}CA_FILE holds, has run out, or is for "
    "another host than SPO_TRANSPORT__BOOTSTRAP names"
)
_NO_TLS = (
    "no TLS with what answers at SPO_TRANSPORT__BOOTSTRAP: look whether its port speaks TLS, and "
    f"whether it takes {_SECURITY}CERT_FILE"
)
_NOT_IN_THE_CLEAR = (
    "what answers at SPO_TRANSPORT__BOOTSTRAP does not speak Kafka in the clear: set "
    f"{_SECURITY}KIND to what its port wants"
)
_SILENT = (
    "no broker answers at SPO_TRANSPORT__BOOTSTRAP; it is asked again by itself. If one is there, "
    f"look whether its port wants another {_SECURITY}KIND"
)
_OR_HUNG_UP = (
    f", and whether it takes {_SECURITY}USER and {_SECURITY}PASSWORD (or what {_SECURITY}PASSWORD_FILE "
    "holds): some hang up before they have said that they do not"
)
_REFUSALS: tuple[tuple[type[Exception], str], ...] = (
    (SaslAuthenticationFailedError, _NO_SUCH_USER),
    (UnsupportedSaslMechanismError, _NO_SUCH_MECHANISM),
    (ssl.SSLCertVerificationError, _NOT_TRUSTED),
    (ssl.SSLError, _NO_TLS),
    (InvalidReceiveError, _NOT_IN_THE_CLEAR),
)
