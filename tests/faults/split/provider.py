"""A provider: commands put on the broker, each acknowledged once the broker has it on every copy."""

import json
import threading
from contextlib import suppress
from random import Random

from kafka import KafkaProducer
from kafka.errors import KafkaError

from tests.faults.incidents import Told, plain_lives
from tests.faults.processes import Acknowledged
from tests.servers.kafka_clients import PRODUCER

_PACE = 0.1
_PATIENCE = 90.0


class Provider:
    """Tells one command after another; one without an answer is told again as it was."""

    def __init__(self, bootstrap: str, prefix: str, rng: Random) -> None:
        self.acknowledged: list[Acknowledged] = []
        self._bootstrap = bootstrap
        self._topic = f"{prefix}spo.intake.v1"
        self._facts = plain_lives(f"tag-{prefix[:-1]}", rng)
        self._stopping = threading.Event()
        self._given_up = threading.Event()
        self._turn = threading.Lock()
        self._resting = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._tell_all, daemon=True)

    def start(self) -> None:
        """Tell, or go on telling."""
        if self._resting:
            self._resting = False
            self._turn.release()
        elif self._thread.ident is None:
            self._thread.start()

    def rest(self) -> None:
        """Finish the command in hand, and tell no more until started again. Raises as `stop` does."""
        self._resting = self._turn.acquire(timeout=_PATIENCE)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Finish the command in hand. Raises what telling ended with."""
        self._stopping.set()
        if self._resting:
            self.start()
        self._thread.join(_PATIENCE)
        if self._failure is not None:
            raise self._failure

    def end(self) -> None:
        self._given_up.set()
        self._stopping.set()
        if self._resting:
            self.start()
        if self._thread.ident is not None:
            self._thread.join(_PATIENCE)

    def _tell_all(self) -> None:
        try:
            # Each command waits for its answer, so that a repeat cannot pass the one before it.
            producer = KafkaProducer(
                bootstrap_servers=self._bootstrap.split(","), **PRODUCER | {"max_block_ms": 60_000}
            )
            try:
                while not self._stopping.wait(_PACE):
                    with self._turn:
                        self._tell(producer, next(self._facts))
            finally:
                with suppress(KafkaError):
                    producer._sender.force_close()
                    producer.close(timeout=1)
        except BaseException as failure:  # noqa: BLE001 - raised again in `stop`
            self._failure = failure

    def _tell(self, producer: KafkaProducer, told: Told) -> None:
        value, key = json.dumps(told.fact).encode(), told.order.encode()
        while not self._given_up.is_set():
            sent = producer.send(self._topic, value=value, key=key)
            while not self._given_up.is_set():
                with suppress(KafkaError):
                    sent.get(timeout=0.5)
                if sent.succeeded():
                    self.acknowledged.append(Acknowledged(told, (), refused=False))
                    return
                if sent.failed():
                    break
