resource "aws_kinesis_stream" "events" {
  name             = var.stream_name
  shard_count      = var.stream_shards == 0 ? null : var.stream_shards
  retention_period = 168 # hours: how long all consumers may be down before anything is lost

  # AWS's own key: DynamoDB may use it without a policy that could be got wrong, and wrong means undelivered.
  encryption_type = "KMS"
  kms_key_id      = "alias/aws/kinesis"

  stream_mode_details {
    stream_mode = var.stream_shards == 0 ? "ON_DEMAND" : "PROVISIONED"
  }
}

# Nothing written before this was made reaches the stream: the first reconcile brings it.
resource "aws_dynamodb_kinesis_streaming_destination" "events" {
  table_name                               = aws_dynamodb_table.events.name
  stream_arn                               = aws_kinesis_stream.events.arn
  approximate_creation_date_time_precision = "MICROSECOND"
}

# The last resort: with unlimited retries and age, only what a consumer cannot have failed at comes here. An alarm rings at one message.
resource "aws_sqs_queue" "failed" {
  name                      = "${var.name}-failed-batches"
  message_retention_seconds = 1209600 # 14 days, the longest
  sqs_managed_sse_enabled   = true
}
