"""A broker that is away is told by our sentences alone."""

import pytest
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from adapters.kafka.clients import made
from adapters.kafka.cluster import Cluster


def test_the_package_logs_nothing_of_a_broker_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KafkaError):
        made(KafkaAdminClient, Cluster("127.0.0.1:1", "topic"), 50)

    assert [record.getMessage() for record in caplog.records if record.name.startswith("kafka")] == []
