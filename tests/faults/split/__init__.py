"""The split system under fire: PostgreSQL, Apache Kafka, and every role a process of its own."""
