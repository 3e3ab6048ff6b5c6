# Every change record, as it came out of the stream, one JSON a line. Standard for 30 days, then rarely read, then in the cold.

locals {
  archived = var.archive ? 1 : 0
}

resource "aws_s3_bucket" "archive" {
  count = local.archived

  bucket_prefix = "${var.name}-archive-" # names of buckets are the world's
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_public_access_block" "archive" {
  count = local.archived

  bucket                  = aws_s3_bucket.archive[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  count = local.archived

  bucket = aws_s3_bucket.archive[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  count = local.archived

  bucket = aws_s3_bucket.archive[0].id

  rule {
    id     = "colder"
    status = "Enabled"

    filter {}

    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    transition {
      days          = 90
      storage_class = "GLACIER"
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_kinesis_firehose_delivery_stream" "archive" {
  count = local.archived

  name        = "${var.name}-archive"
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.events.arn
    role_arn           = aws_iam_role.archive[0].arn
  }

  extended_s3_configuration {
    bucket_arn          = aws_s3_bucket.archive[0].arn
    role_arn            = aws_iam_role.archive[0].arn
    prefix              = "events/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/"
    error_output_prefix = "errors/!{firehose:error-output-type}/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/"
    buffering_size      = 64  # MB
    buffering_interval  = 300 # seconds
    compression_format  = "GZIP"

    # DynamoDB ends no record with a new line.
    processing_configuration {
      enabled = true

      processors {
        type = "AppendDelimiterToRecord"

        parameters {
          parameter_name  = "Delimiter"
          parameter_value = "\\n"
        }
      }
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.archive[0].name
      log_stream_name = aws_cloudwatch_log_stream.archive[0].name
    }
  }

  depends_on = [aws_iam_role_policy.archive]
}

resource "aws_cloudwatch_log_group" "archive" {
  count = local.archived

  name              = "/aws/kinesisfirehose/${var.name}-archive"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_stream" "archive" {
  count = local.archived

  name           = "delivery"
  log_group_name = aws_cloudwatch_log_group.archive[0].name
}

data "aws_iam_policy_document" "assumed_by_firehose" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "archive" {
  count = local.archived

  name               = "${var.name}-archive"
  assume_role_policy = data.aws_iam_policy_document.assumed_by_firehose.json
}

data "aws_iam_policy_document" "archive" {
  count = local.archived

  statement {
    actions   = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    resources = [aws_kinesis_stream.events.arn]
  }

  statement {
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.archive[0].arn]
  }

  statement {
    actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
    resources = ["${aws_s3_bucket.archive[0].arn}/*"]
  }

  statement {
    actions   = ["logs:PutLogEvents"]
    resources = [aws_cloudwatch_log_stream.archive[0].arn]
  }
}

resource "aws_iam_role_policy" "archive" {
  count = local.archived

  name   = "archive"
  role   = aws_iam_role.archive[0].id
  policy = data.aws_iam_policy_document.archive[0].json
}

resource "aws_cloudwatch_metric_alarm" "archive_age" {
  count = local.archived

  alarm_name          = "${var.name}-archive-age"
  alarm_description   = "Change records wait to be archived; past the stream's retention they are missing there. docs/aws.md, archive-age"
  namespace           = "AWS/Firehose"
  metric_name         = "DeliveryToS3.DataFreshness"
  dimensions          = { DeliveryStreamName = aws_kinesis_firehose_delivery_stream.archive[0].name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 3
  comparison_operator = "GreaterThanThreshold"
  threshold           = 900 # seconds: three times the buffering
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
