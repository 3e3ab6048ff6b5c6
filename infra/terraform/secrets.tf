# The functions get their secrets as environment variables, written at deploy time from variables marked sensitive. A function that fetched
# them at its cold start would import boto3 first, which costs more than the rest of the projector's start together. The price: they are in
# the state, which must be kept encrypted, and a changed secret needs a `make tf-apply`. They are encrypted with a key of the stack, so
# reading a function's configuration does not show them to one who may not use the key.

resource "aws_kms_key" "secrets" {
  description         = "The secrets of ${var.name}: the functions' environments, and the secret in Secrets Manager"
  enable_key_rotation = true
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/${var.name}-secrets"
  target_key_id = aws_kms_key.secrets.key_id
}

# For people and machines outside Lambda, who run `ecshop` against this stack.
resource "aws_secretsmanager_secret" "shop" {
  name                    = "${var.name}/settings"
  description             = "Secret settings of ${var.name}, by the names of their environment variables"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "shop" {
  secret_id = aws_secretsmanager_secret.shop.id
  secret_string = jsonencode({
    DATABASE_URL  = var.database_url
    SECRET_KEY    = var.secret_key
    ADMIN_TOKEN   = var.admin_token
    SMTP_PASSWORD = var.smtp_password
  })
}
