# Every way to lose, or to stop, without anybody noticing rings here. What an alarm means and what to do is in docs/aws.md, under the name
# that the alarm ends with; a test compares the two lists.

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == "" ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  consumers  = toset(["projector", "notifier"])
  projectors = { projector = "read-models", notifier = "notifier" } # the dimension Projector of our own metrics
  tables = {
    events    = aws_dynamodb_table.events.name
    snapshots = aws_dynamodb_table.snapshots.name
    claims    = aws_dynamodb_table.claims.name
  }
}
