"""Metrics: the server's own counts in the Prometheus format. Numbers only, never names or texts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from hubbub.doors.classic.factory import ClassicDoors
    from hubbub.doors.front import Front
    from hubbub.hub.hub import Hub


class Metrics:
    """Reads the counts when it is asked, so counting costs the chat nothing more."""

    def __init__(self, hub: Hub, front: Front, classic: ClassicDoors) -> None:
        self._hub = hub
        self._front = front
        self._classic = classic
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def text(self) -> bytes:
        """All metrics as text (exposition format 0.0.4)."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """See `prometheus_client.registry.Collector`."""
        timeline = self._hub.timeline
        people = GaugeMetricFamily("hubbub_people", "People here", labels=["protocol"])
        for protocol, count in self._protocols().items():
            people.add_metric([protocol], count)
        yield people
        yield GaugeMetricFamily(
            "hubbub_connections", "Connections, known or not", value=self._front.connections
        )
        yield CounterMetricFamily(
            "hubbub_connections_accepted", "Connections ever accepted", value=self._front.accepted
        )
        yield CounterMetricFamily(
            "hubbub_batches", "Transactions committed", value=timeline.batches
        )
        yield CounterMetricFamily("hubbub_entries_saved", "Entries committed", value=timeline.saved)
        yield CounterMetricFamily(
            "hubbub_facts_unsaved", "Arrivals and departures lost to a disk", value=timeline.unsaved
        )
        yield CounterMetricFamily(
            "hubbub_segments_dropped",
            "Segments (one message or several) that slow readers lost",
            value=self._classic.dropped,
        )
        pruned = CounterMetricFamily(
            "hubbub_pruned", "What was deleted because it was due", labels=["what"]
        )
        for rule, count in self._hub.retention.gone.items():
            pruned.add_metric([rule], count)
        yield pruned
        yield GaugeMetricFamily(
            "hubbub_writable", "1 while messages can be saved", value=timeline.trouble is None
        )

    def _protocols(self) -> Counter[str]:
        return Counter(session.protocol for session in self._hub.world.sessions)
