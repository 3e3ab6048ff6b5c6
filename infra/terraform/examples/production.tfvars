# Secrets come from the environment: TF_VAR_database_url, TF_VAR_secret_key, TF_VAR_admin_token, TF_VAR_smtp_password.

name                   = "ecshop-production"
environment            = "production"
deletion_protection    = true
stream_shards          = 2
parallelization_factor = 4
api_concurrency        = 100 # each takes a connection to PostgreSQL
log_retention_days     = 90
archive                = true
max_lag_seconds        = 120

subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0fedcba9876543210"]
security_group_ids = ["sg-0123456789abcdef0"]

smtp_host   = "smtp.shop.example"
smtp_from   = "EC Shop <orders@shop.example>"
smtp_user   = "orders"
alarm_email = "on-call@shop.example"
