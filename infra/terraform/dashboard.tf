locals {
  # One graph a question: its title, and the metrics that answer it.
  graphs = [
    {
      title   = "How far behind are rows and mails? (s, from commit to row)"
      stat    = "Maximum"
      metrics = [for projector in values(local.projectors) : ["ECShop", "LagSeconds", "Projector", projector]]
    },
    {
      title   = "How far behind are the consumers? (ms)"
      stat    = "Maximum"
      metrics = [for name in local.consumers : ["AWS/Lambda", "IteratorAge", "FunctionName", "${var.name}-${name}"]]
    },
    {
      title = "Is anything parked, healed, different?"
      stat  = "Maximum"
      metrics = [for pair in setproduct(["ParkedStreams", "Parked", "Healed", "ReconcileDifferences"], values(local.projectors)) :
        ["ECShop", pair[0], "Projector", pair[1]]
      ]
    },
    {
      title = "Batches: how many events, how long? (ms)"
      stat  = "Average"
      metrics = [for pair in setproduct(["BatchSize", "DurationMs"], values(local.projectors)) :
        ["ECShop", pair[0], "Projector", pair[1]]
      ]
    },
    {
      title   = "Do functions fail?"
      stat    = "Sum"
      metrics = [for name in keys(local.functions) : ["AWS/Lambda", "Errors", "FunctionName", "${var.name}-${name}"]]
    },
    {
      title   = "How long do functions take? (ms)"
      stat    = "p99"
      metrics = [for name in keys(local.functions) : ["AWS/Lambda", "Duration", "FunctionName", "${var.name}-${name}"]]
    },
    {
      title = "What comes through the stream?"
      stat  = "Sum"
      metrics = [for metric in ["IncomingRecords", "IncomingBytes", "WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded"] :
        ["AWS/Kinesis", metric, "StreamName", var.stream_name]
      ]
    },
    {
      title   = "What do the tables take? (units)"
      stat    = "Sum"
      metrics = [for name in values(local.tables) : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", name]]
    },
    {
      title   = "Did Lambda give anything up?"
      stat    = "Maximum"
      metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.failed.name]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "shop" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for index, graph in local.graphs : {
      type   = "metric"
      x      = index % 3 * 8
      y      = floor(index / 3) * 6
      width  = 8
      height = 6
      properties = {
        title   = graph.title
        region  = var.region
        stat    = graph.stat
        period  = 60
        metrics = graph.metrics
      }
    }]
  })
}
