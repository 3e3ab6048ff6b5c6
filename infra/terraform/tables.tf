# The keys are those of adapters/dynamodb/layout.py; a test compares them. DynamoDB encrypts every table at rest, with a key that costs nothing.

resource "aws_dynamodb_table" "events" {
  name                        = "${var.name}-events"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "aggregate_id"
  range_key                   = "version"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "aggregate_id"
    type = "S"
  }

  attribute {
    name = "version"
    type = "N"
  }

  attribute {
    name = "gsi1pk"
    type = "S"
  }

  attribute {
    name = "created_at"
    type = "S"
  }

  attribute {
    name = "outbox"
    type = "S"
  }

  # For people who browse by time, and for the look at recent streams.
  global_secondary_index {
    name            = "GSI1"
    hash_key        = "gsi1pk"
    range_key       = "created_at"
    projection_type = "ALL"
  }

  # Sparse: only an event that is still to be relayed has the attribute `outbox`.
  global_secondary_index {
    name            = "GSI2"
    hash_key        = "outbox"
    range_key       = "aggregate_id"
    projection_type = "KEYS_ONLY"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "snapshots" {
  name                        = "${var.name}-snapshots"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "aggregate_id"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "aggregate_id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

resource "aws_dynamodb_table" "claims" {
  name                        = "${var.name}-claims"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "key"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "key"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}

# Leases and checkpoints of `ecshop worker` on machines without Lambda. What is lost of it is read again, not missed.
resource "aws_dynamodb_table" "leases" {
  name                        = "${var.name}-leases"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "lease"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "lease"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}
