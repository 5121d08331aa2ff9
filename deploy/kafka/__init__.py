"""Apache Kafka for development, tests and the split demonstration: fetched, formatted, run."""
