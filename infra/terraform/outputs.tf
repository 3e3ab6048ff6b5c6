output "api_url" {
  description = "Where the shop's API answers."
  value       = aws_lambda_function_url.api.function_url
}

output "settings" {
  description = "For machines outside Lambda that run `ecshop` against this stack; the secret ones are in settings_secret."
  value = merge(
    { for name, value in local.store : name => value if name != "DATABASE_URL" },
    { DYNAMODB_LEASES_TABLE_NAME = aws_dynamodb_table.leases.name },
  )
}

output "settings_secret" {
  description = "The secret in Secrets Manager that holds DATABASE_URL and the others."
  value       = aws_secretsmanager_secret.shop.name
}

output "functions" {
  description = "The names of the functions."
  value       = { for name, function in aws_lambda_function.shop : name => function.function_name }
}

output "log_groups" {
  description = "Where each function's log is."
  value       = { for name, group in aws_cloudwatch_log_group.function : name => group.name }
}

output "failed_batches_url" {
  description = "The queue of what Lambda gave up."
  value       = aws_sqs_queue.failed.url
}

output "alarms_topic" {
  description = "What alarms write to."
  value       = aws_sns_topic.alarms.arn
}

output "dashboard" {
  description = "The name of the dashboard."
  value       = aws_cloudwatch_dashboard.shop.dashboard_name
}

output "archive_bucket" {
  description = "The bucket of the archive; null without one."
  value       = one(aws_s3_bucket.archive[*].bucket)
}
