# What a stack is called and where it is.

variable "name" {
  description = "Begins the name of everything in the stack; two stacks in one account need two names."
  type        = string
  default     = "ecshop"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,26}[a-z0-9]$", var.name))
    error_message = "The name is 3 to 28 small letters, digits and hyphens, and begins with a letter."
  }
}

variable "environment" {
  description = "ENVIRONMENT of the API function: in production nothing is generated and no default secret is taken."
  type        = string

  validation {
    condition     = contains(["development", "production"], var.environment)
    error_message = "The environment is development or production."
  }
}

variable "region" {
  description = "The AWS region."
  type        = string
  default     = "ap-northeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region reads like ap-northeast-1."
  }
}

variable "endpoint" {
  description = "The address of an emulator that plays all of AWS; empty is AWS itself."
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint == "" || can(regex("^https?://[^/]+$", var.endpoint))
    error_message = "The endpoint is an address such as http://127.0.0.1:4566, without a path."
  }
}

variable "deletion_protection" {
  description = "Whether tables, and the archive's bucket while it holds objects, refuse to be deleted."
  type        = bool
  default     = true
}

# The stream.

variable "stream_name" {
  description = "The Kinesis stream that carries the changes of the events table: KINESIS_STREAM_NAME."
  type        = string
  default     = "ec-events"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,128}$", var.stream_name))
    error_message = "A stream's name is 1 to 128 letters, digits, dots, hyphens and underscores."
  }
}

variable "stream_shards" {
  description = "Shards, each 1 MB/s and 1,000 records/s; 0 is on-demand."
  type        = number
  default     = 1

  validation {
    condition     = var.stream_shards >= 0 && var.stream_shards <= 500 && floor(var.stream_shards) == var.stream_shards
    error_message = "The shards are a whole number from 0 (on-demand) to 500."
  }
}

# The functions.

variable "lambda_zips" {
  description = "The folder of the zips that `make lambdas` writes; relative to this folder."
  type        = string
  default     = "../../build/lambdas"
}

variable "architecture" {
  description = "The processors of the functions; the zips of the same name are taken."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "runtime" {
  description = "Must be the Python that the zips were made for: their wheels are compiled for one."
  type        = string
  default     = "python3.13"

  validation {
    condition     = can(regex("^python3\\.1[2-9]$", var.runtime))
    error_message = "The runtime is python3.12 or newer: psycopg's wheel for ARM needs a newer glibc than Amazon Linux 2 has."
  }
}

variable "parallelization_factor" {
  description = "Invocations at once for a shard. Events of one stream meet in one of them, and the locked cursor does not mind otherwise."
  type        = number
  default     = 2

  validation {
    condition     = var.parallelization_factor >= 1 && var.parallelization_factor <= 10
    error_message = "The parallelization factor is 1 to 10."
  }
}

variable "batch_size" {
  description = "Records of an invocation at most."
  type        = number
  default     = 500

  validation {
    condition     = var.batch_size >= 1 && var.batch_size <= 10000
    error_message = "The batch size is 1 to 10000."
  }
}

variable "batch_window_seconds" {
  description = "How long an invocation may wait for a full batch: staleness bought for fewer invocations."
  type        = number
  default     = 0

  validation {
    condition     = var.batch_window_seconds >= 0 && var.batch_window_seconds <= 300
    error_message = "The batch window is 0 to 300 seconds."
  }
}

variable "api_concurrency" {
  description = "Requests that the API function may serve at once, each with a connection to PostgreSQL; -1 is the account's limit."
  type        = number
  default     = -1

  validation {
    condition     = var.api_concurrency == -1 || var.api_concurrency >= 1
    error_message = "The API's concurrency is -1 or at least 1."
  }
}

variable "subnet_ids" {
  description = "Private subnets from which the functions reach PostgreSQL; empty runs them outside any VPC."
  type        = list(string)
  default     = []

  validation {
    condition     = (length(var.subnet_ids) == 0) == (length(var.security_group_ids) == 0)
    error_message = "Give both subnet_ids and security_group_ids, or neither."
  }
}

variable "security_group_ids" {
  description = "What the functions may reach from those subnets: PostgreSQL, the mail server, and DynamoDB through an endpoint or NAT."
  type        = list(string)
  default     = []
}

variable "log_retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653], var.log_retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827 or 3653 days."
  }
}

# Watching.

variable "alarm_email" {
  description = "Who is written to when an alarm rings; empty writes to nobody, and the topic can be subscribed to by hand."
  type        = string
  default     = ""
}

variable "max_lag_seconds" {
  description = "How far behind a consumer, or the feed, may be before an alarm rings."
  type        = number
  default     = 300

  validation {
    condition     = var.max_lag_seconds >= 60 && var.max_lag_seconds <= 86400
    error_message = "The lag is 60 seconds to a day: records are gone after seven."
  }
}

variable "full_reconcile_days" {
  description = "How often all streams are compared. It reads the whole events table once a projector, so its price grows with the table: docs/aws.md."
  type        = number
  default     = 1

  validation {
    condition     = var.full_reconcile_days >= 1 && var.full_reconcile_days <= 7
    error_message = "All streams are compared each day, or at least once in the seven that the stream keeps."
  }
}

# The archive.

variable "archive" {
  description = "Whether Firehose writes every change record to S3, from which `ecshop rebuild --from` can replay them."
  type        = bool
  default     = false
}
