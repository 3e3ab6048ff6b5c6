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

  # How many bad minutes of how many ring, and what share of its time-out a function may take. The sweeper is called each minute for mails
  # while a task of 5 or 15 minutes may fail each time, so its one bad minute rings. Lambda dates a run by its start: a run into the
  # time-out is seen 15 minutes late, and until the next one is, the alarm has to look 30 back. A healthy sweep begins no part after four
  # fifths of its time, but ends the one it has.
  patience = {
    projector = { bad = 2, minutes = 5, share = 0.8 }
    notifier  = { bad = 2, minutes = 5, share = 0.8 }
    sweeper   = { bad = 1, minutes = 35, share = 0.95 }
    api       = { bad = 2, minutes = 5, share = 0.8 }
  }

  most_sweep_age = 2 * var.full_reconcile_days * 86400
}
