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
  treat_missing_data  = "missing" # said by each look at recent streams; that none was is no-reconciles
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
  treat_missing_data  = "missing" # as above
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Each look at recent streams, every five minutes, says how many streams are parked, also that none is: here, silence is the fault. It is
# filled with zeros, since CloudWatch takes up older points before it counts what is missing.
resource "aws_cloudwatch_metric_alarm" "no_reconciles" {
  for_each = local.projectors

  alarm_name          = "${var.name}-${each.key}-no-reconciles"
  alarm_description   = "Nobody compares ${each.value} with the events: what the feed loses stays lost. docs/aws.md, no-reconciles"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = 4
  datapoints_to_alarm = 4
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "looks"
    return_data = true
    label       = "looks that told what they found"
    expression  = "FILL(told, 0)"
  }

  metric_query {
    id = "told"
    metric {
      namespace   = "ECShop"
      metric_name = "ParkedStreams"
      stat        = "SampleCount"
      period      = 300
      dimensions  = { Projector = each.value }
    }
  }
}

# A look at all streams that never comes to its end; its age is said each 15 minutes, and an hour of silence is as bad.
resource "aws_cloudwatch_metric_alarm" "sweep_age" {
  for_each = local.projectors

  alarm_name          = "${var.name}-${each.key}-sweep-age"
  alarm_description   = "All streams of ${each.value} were last compared too long ago. docs/aws.md, sweep-age"
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.most_sweep_age
  evaluation_periods  = 4
  datapoints_to_alarm = 4
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "age"
    return_data = true
    label       = "age, too high where nothing is said"
    expression  = "FILL(told, ${local.most_sweep_age + 1})"
  }

  metric_query {
    id = "told"
    metric {
      namespace   = "ECShop"
      metric_name = "SweepAgeSeconds"
      stat        = "Maximum"
      period      = 900
      dimensions  = { Projector = each.value }
    }
  }
}

# Dealt with by noting them, so that the shard goes on: nothing else rings.
resource "aws_cloudwatch_metric_alarm" "unreadable" {
  for_each = local.projectors

  alarm_name          = "${var.name}-${each.key}-unreadable"
  alarm_description   = "The feed of ${each.value} brought records that nobody can read. docs/aws.md, unreadable"
  namespace           = "ECShop"
  metric_name         = "Unreadable"
  dimensions          = { Projector = each.value }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
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
