"""Amazon DynamoDB: one conditional write is one decision, and the commit id in the items proves who wrote it."""
