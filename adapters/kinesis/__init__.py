"""Amazon Kinesis Data Streams: the change feed of DynamoDB's event table. A record is a doorbell; the table holds the truth."""
