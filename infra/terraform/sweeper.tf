locals {
  # What is done when; the sweeper's handler knows these tasks.
  sweeps = {
    reconcile-recent = "rate(5 minutes)"
    reconcile-all    = "rate(15 minutes)" # goes on with the look that is under way, and begins one where it is time
    mails            = "rate(1 minute)"
  }
}

resource "aws_scheduler_schedule" "sweep" {
  for_each = local.sweeps

  name                = "${var.name}-${each.key}"
  description         = "Runs the sweeper's task ${each.key}"
  schedule_expression = each.value

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.shop["sweeper"].arn
    role_arn = aws_iam_role.scheduler.arn
    input    = jsonencode({ task = each.key, days = var.full_reconcile_days })

    # A task that could not be started is not worth starting late: the next one is due. That none ran rings an alarm.
    retry_policy {
      maximum_event_age_in_seconds = 60
      maximum_retry_attempts       = 1
    }
  }
}

# The same for one that was started and failed.
resource "aws_lambda_function_event_invoke_config" "sweeper" {
  function_name                = aws_lambda_function.shop["sweeper"].function_name
  maximum_event_age_in_seconds = 300
  maximum_retry_attempts       = 0
}
