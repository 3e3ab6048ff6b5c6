# A stack to try things on: it can be deleted, and costs next to nothing while nobody orders. docs/aws.md has the figures.
# Secrets come from the environment: TF_VAR_database_url, TF_VAR_secret_key, TF_VAR_admin_token, TF_VAR_smtp_password.

name                = "ecshop-development"
environment         = "development"
deletion_protection = false
stream_name         = "ec-events-development" # another than that of a stack beside it
stream_shards       = 1
log_retention_days  = 7
smtp_host           = "smtp.shop.example"
smtp_from           = "EC Shop <orders@shop.example>"
