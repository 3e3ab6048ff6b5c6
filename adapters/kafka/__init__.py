"""Kafka: a topic into which events are published, and the feed that reads it. Source: kafka.apache.org/documentation."""
