# What the shop says of itself: EMF lines in the functions' logs become metrics of the namespace ECShop, by Projector.

resource "aws_cloudwatch_metric_alarm" "parked_streams" {
  for_each = local.projectors

  alarm_name          = "${var.name}-${each.key}-parked-streams"
  alarm_description   = "Streams of ${each.value} wait for a fix: one of their events cannot be applied. docs/aws.md, parked-streams"
  namespace           = "ECShop"
  metric_name         = "ParkedStreams"
  dimensions          = { Projector = each.value }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "missing" # said by the sweeper; that it is silent is the alarm no-sweeps
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "reconcile_differences" {
  for_each = local.projectors

  alarm_name          = "${var.name}-${each.key}-reconcile-differences"
  alarm_description   = "${each.value} held something else than the events, also at a second look. docs/aws.md, reconcile-differences"
  namespace           = "ECShop"
  metric_name         = "ReconcileDifferences"
  dimensions          = { Projector = each.value }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "missing"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# From the commit to the row, as the consumer measures it; the iterator's age knows nothing of the way into the stream.
resource "aws_cloudwatch_metric_alarm" "lag" {
  for_each = local.projectors

  alarm_name          = "${var.name}-${each.key}-lag"
  alarm_description   = "${each.value} applies events long after they were written. docs/aws.md, lag"
  namespace           = "ECShop"
  metric_name         = "LagSeconds"
  dimensions          = { Projector = each.value }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.max_lag_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
