"""Redis as a broker of hints: what it forgets when it goes away may be forgotten.

kombu 5.7 would put unacknowledged messages back, and acknowledge those that are done, over a channel that is closed
since the connection was lost: an AttributeError, which Celery calls unrecoverable, and the worker is lost with
everything that it has in hand.
"""

from typing import Any

from kombu.transport import redis


class Channel(redis.Channel):
    do_restore = False

    def basic_ack(self, delivery_tag: Any, multiple: bool = False) -> None:
        if not self.closed:
            super().basic_ack(delivery_tag, multiple=multiple)

    def basic_reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        if not self.closed:
            super().basic_reject(delivery_tag, requeue=requeue)


class Transport(redis.Transport):
    Channel = Channel
