# From the table to the stream.

# These three carry a second dimension whose values AWS does not write down, so the alarms ask by the table alone.
resource "aws_cloudwatch_metric_alarm" "unreplicated_age" {
  alarm_name          = "${var.name}-unreplicated-age"
  alarm_description   = "Changes wait to get from the events table into the stream. docs/aws.md, unreplicated-age"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.max_lag_seconds * 1000
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "age"
    return_data = true
    period      = 60
    expression  = "SELECT MAX(AgeOfOldestUnreplicatedRecord) FROM SCHEMA(\"AWS/DynamoDB\", DelegatedOperation, TableName) WHERE TableName = '${aws_dynamodb_table.events.name}'"
  }
}

resource "aws_cloudwatch_metric_alarm" "unreplicated_records" {
  alarm_name          = "${var.name}-unreplicated-records"
  alarm_description   = "DynamoDB gave up changes: they will not reach the stream. docs/aws.md, unreplicated-records"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "failed"
    return_data = true
    period      = 60
    expression  = "SELECT SUM(FailedToReplicateRecordCount) FROM SCHEMA(\"AWS/DynamoDB\", DelegatedOperation, TableName) WHERE TableName = '${aws_dynamodb_table.events.name}'"
  }
}

resource "aws_cloudwatch_metric_alarm" "throttled_records" {
  alarm_name          = "${var.name}-throttled-records"
  alarm_description   = "The stream refuses changes for being too many; they are tried again. docs/aws.md, throttled-records"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "throttled"
    return_data = true
    period      = 60
    expression  = "SELECT SUM(ThrottledPutRecordCount) FROM SCHEMA(\"AWS/DynamoDB\", DelegatedOperation, TableName) WHERE TableName = '${aws_dynamodb_table.events.name}'"
  }
}

# The table itself.

resource "aws_cloudwatch_metric_alarm" "table_throttles" {
  for_each = local.tables

  alarm_name          = "${var.name}-${each.key}-table-throttles"
  alarm_description   = "DynamoDB refuses reads or writes of the ${each.key} table for being too many. docs/aws.md, table-throttles"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "throttles"
    return_data = true
    label       = "reads and writes refused"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
  }

  metric_query {
    id = "reads"
    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "ReadThrottleEvents"
      stat        = "Sum"
      period      = 60
      dimensions  = { TableName = each.value }
    }
  }

  metric_query {
    id = "writes"
    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "WriteThrottleEvents"
      stat        = "Sum"
      period      = 60
      dimensions  = { TableName = each.value }
    }
  }
}

# An index that cannot keep up refuses the writes of its table.
resource "aws_cloudwatch_metric_alarm" "index_throttles" {
  for_each = toset(["GSI1", "GSI2"])

  alarm_name          = "${var.name}-${each.key}-index-throttles"
  alarm_description   = "The index ${each.key} cannot keep up, so the events table refuses writes. docs/aws.md, index-throttles"
  namespace           = "AWS/DynamoDB"
  metric_name         = "WriteThrottleEvents"
  dimensions          = { TableName = aws_dynamodb_table.events.name, GlobalSecondaryIndexName = each.key }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
