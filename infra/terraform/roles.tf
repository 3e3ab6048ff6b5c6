# One role a function, each with what its code calls and no more. Whatever is wide is listed, with its reason, in the test of this stack.

data "aws_iam_policy_document" "assumed_by_lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name               = "${var.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.assumed_by_lambda.json
}

# Every function writes its log and opens its environment.

data "aws_iam_policy_document" "logs" {
  for_each = local.functions

  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function[each.key].arn}:log-stream:*"]
  }
}

resource "aws_iam_role_policy" "logs" {
  for_each = local.functions

  name   = "logs"
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.logs[each.key].json
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.secrets.arn]
  }
}

resource "aws_iam_role_policy" "secrets" {
  for_each = local.functions

  name   = "secrets"
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.secrets.json
}

# In a VPC, Lambda makes network interfaces in the function's name.

data "aws_iam_policy_document" "network" {
  statement {
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "network" {
  for_each = length(var.subnet_ids) > 0 ? local.functions : {}

  name   = "network"
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.network.json
}

# Opening the event store looks at all tables, and at a sample of the events: those of an earlier implementation are refused.

data "aws_iam_policy_document" "store" {
  statement {
    actions = ["dynamodb:DescribeTable"]
    resources = [
      aws_dynamodb_table.events.arn,
      aws_dynamodb_table.snapshots.arn,
      aws_dynamodb_table.claims.arn,
    ]
  }

  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
    resources = [aws_dynamodb_table.events.arn]
  }
}

# Both consumers are fed by the stream, heal a gap from the store, and tell the queue what Lambda gives up.

data "aws_iam_policy_document" "consumer" {
  source_policy_documents = [data.aws_iam_policy_document.store.json]

  statement {
    actions = [
      "kinesis:DescribeStream",
      "kinesis:DescribeStreamSummary",
      "kinesis:GetRecords",
      "kinesis:GetShardIterator",
      "kinesis:ListShards",
    ]
    resources = [aws_kinesis_stream.events.arn]
  }

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed.arn]
  }
}

resource "aws_iam_role_policy" "projector" {
  name   = "consumer"
  role   = aws_iam_role.function["projector"].id
  policy = data.aws_iam_policy_document.consumer.json
}

resource "aws_iam_role_policy" "notifier" {
  name   = "consumer"
  role   = aws_iam_role.function["notifier"].id
  policy = data.aws_iam_policy_document.consumer.json
}

# The sweeper finds recent streams by GSI1, and walks them all.

data "aws_iam_policy_document" "sweeper" {
  source_policy_documents = [data.aws_iam_policy_document.store.json]

  statement {
    actions   = ["dynamodb:Query"]
    resources = ["${aws_dynamodb_table.events.arn}/index/GSI1"]
  }
}

resource "aws_iam_role_policy" "sweeper" {
  name   = "sweeper"
  role   = aws_iam_role.function["sweeper"].id
  policy = data.aws_iam_policy_document.sweeper.json
}

# The API alone writes. An event is put and never changed or deleted; only a claim is released.

data "aws_iam_policy_document" "api" {
  source_policy_documents = [data.aws_iam_policy_document.store.json]

  statement {
    actions   = ["dynamodb:ConditionCheckItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.events.arn]
  }

  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.snapshots.arn]
  }

  statement {
    actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.claims.arn]
  }
}

resource "aws_iam_role_policy" "api" {
  name   = "api"
  role   = aws_iam_role.function["api"].id
  policy = data.aws_iam_policy_document.api.json
}

data "aws_iam_policy_document" "assumed_by_scheduler" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "scheduler" {
  name               = "${var.name}-scheduler"
  assume_role_policy = data.aws_iam_policy_document.assumed_by_scheduler.json
}

data "aws_iam_policy_document" "scheduler" {
  statement {
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.shop["sweeper"].arn]
  }
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "sweeper"
  role   = aws_iam_role.scheduler.id
  policy = data.aws_iam_policy_document.scheduler.json
}
