locals {
  # What each function is given beyond what all have. Names are those of config/settings.py; a test compares them.
  store = {
    STORE                        = "dynamodb"
    DYNAMODB_TABLE_NAME          = aws_dynamodb_table.events.name
    DYNAMODB_SNAPSHOT_TABLE_NAME = aws_dynamodb_table.snapshots.name
    DYNAMODB_CLAIMS_TABLE_NAME   = aws_dynamodb_table.claims.name
    DYNAMODB_REGION              = var.region
    DYNAMODB_ENDPOINT            = var.endpoint
    KINESIS_STREAM_NAME          = aws_kinesis_stream.events.name
    DATABASE_URL                 = var.database_url
  }
  mail = {
    SMTP_HOST     = var.smtp_host
    SMTP_PORT     = tostring(var.smtp_port)
    SMTP_FROM     = var.smtp_from
    SMTP_USER     = var.smtp_user
    SMTP_PASSWORD = var.smtp_password
    SMTP_TLS      = var.smtp_tls
  }
  serving = {
    ENVIRONMENT = var.environment
    SECRET_KEY  = var.secret_key
    ADMIN_TOKEN = var.admin_token
    WORKERS     = "lambda" # the other functions do that work
  }

  functions = {
    projector = { memory = 512, seconds = 60, environment = local.store }
    notifier  = { memory = 512, seconds = 60, environment = merge(local.store, local.mail) }
    sweeper   = { memory = 1024, seconds = 900, environment = merge(local.store, local.mail) }
    api       = { memory = 1024, seconds = 30, environment = merge(local.store, local.serving) }
  }
}

resource "aws_lambda_function" "shop" {
  for_each = local.functions

  function_name                  = "${var.name}-${each.key}"
  role                           = aws_iam_role.function[each.key].arn
  runtime                        = var.runtime
  architectures                  = [var.architecture]
  handler                        = "entrypoints.lambdas.${each.key}.handler"
  filename                       = "${var.lambda_zips}/${each.key}-${var.architecture}.zip"
  source_code_hash               = filebase64sha256("${var.lambda_zips}/${each.key}-${var.architecture}.zip")
  memory_size                    = each.value.memory
  timeout                        = each.value.seconds
  reserved_concurrent_executions = each.key == "api" ? var.api_concurrency : -1
  kms_key_arn                    = aws_kms_key.secrets.arn

  environment {
    variables = each.value.environment
  }

  # Text: the functions write JSON lines themselves, and metrics among them that must stay as they are.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  dynamic "vpc_config" {
    for_each = length(var.subnet_ids) > 0 ? [true] : []
    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = var.security_group_ids
    }
  }

  # A function made before it may log or read would fail until then.
  depends_on = [aws_iam_role_policy.logs, aws_iam_role_policy.secrets, aws_iam_role_policy.network]
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
}
