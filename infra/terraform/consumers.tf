resource "aws_lambda_event_source_mapping" "consumer" {
  for_each = local.consumers

  event_source_arn = aws_kinesis_stream.events.arn
  function_name    = aws_lambda_function.shop[each.key].arn

  # LATEST can miss what is written while the mapping is being made.
  starting_position = "TRIM_HORIZON"

  batch_size                         = var.batch_size
  maximum_batching_window_in_seconds = var.batch_window_seconds
  parallelization_factor             = var.parallelization_factor
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true

  # Unlimited: a bound turns an outage of the database into loss. Poison is parked by the consumer, so nothing retries for ever but that.
  maximum_retry_attempts        = -1
  maximum_record_age_in_seconds = -1

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failed.arn
    }
  }

  # Lambda looks whether the role may read and send before it makes the mapping.
  depends_on = [aws_iam_role_policy.projector, aws_iam_role_policy.notifier]
}
