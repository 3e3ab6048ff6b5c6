# Secrets. Give them as TF_VAR_database_url and so on, never in a file.

variable "database_url" {
  description = "DATABASE_URL: the PostgreSQL of rows, cursors and mails."
  type        = string
  sensitive   = true

  validation {
    condition     = can(regex("^postgres(ql)?://", var.database_url))
    error_message = "The database's address begins with postgresql://."
  }
}

variable "secret_key" {
  description = "SECRET_KEY: signs consistency tokens, cursors of pages and CSRF tokens."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.secret_key) >= 32
    error_message = "The secret key has 32 characters or more."
  }
}

variable "admin_token" {
  description = "ADMIN_TOKEN: opens the admin rows of the API; empty keeps them closed."
  type        = string
  sensitive   = true
  default     = ""
}

variable "smtp_password" {
  description = "SMTP_PASSWORD."
  type        = string
  sensitive   = true
  default     = ""

  validation {
    condition     = (var.smtp_password == "") == (var.smtp_user == "")
    error_message = "Give both smtp_user and smtp_password, or neither."
  }
}

# Mail.

variable "smtp_host" {
  description = "SMTP_HOST: the mail server. A function has no memory to keep mails in, so there must be one."
  type        = string

  validation {
    condition     = length(var.smtp_host) > 0
    error_message = "Name a mail server: a function has no memory to keep mails in."
  }
}

variable "smtp_port" {
  description = "SMTP_PORT."
  type        = number
  default     = 587

  validation {
    condition     = var.smtp_port >= 1 && var.smtp_port <= 65535 && var.smtp_port != 25
    error_message = "The port is 1 to 65535, and not 25: AWS blocks it for functions."
  }
}

variable "smtp_from" {
  description = "SMTP_FROM: whom mails come from."
  type        = string

  validation {
    condition     = can(regex("[^@ ]+@[^@ ]+", var.smtp_from))
    error_message = "The sender is a mailbox, such as EC Shop <orders@shop.example>."
  }
}

variable "smtp_user" {
  description = "SMTP_USER; empty logs nobody in."
  type        = string
  default     = ""
}

variable "smtp_tls" {
  description = "SMTP_TLS."
  type        = string
  default     = "starttls"

  validation {
    condition     = contains(["none", "starttls", "implicit"], var.smtp_tls)
    error_message = "SMTP_TLS is none, starttls or implicit."
  }
}
