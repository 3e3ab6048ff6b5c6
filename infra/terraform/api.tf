# Open to everybody: it is a shop. Who may do what the API decides itself.
resource "aws_lambda_function_url" "api" {
  function_name      = aws_lambda_function.shop["api"].function_name
  authorization_type = "NONE"
}

# Both are needed since October 2025; the second holds only for calls through the URL.
resource "aws_lambda_permission" "url" {
  statement_id           = "everybody-may-call-the-url"
  action                 = "lambda:InvokeFunctionUrl"
  function_name          = aws_lambda_function_url.api.function_name
  principal              = "*"
  function_url_auth_type = "NONE"
}

resource "aws_lambda_permission" "through_url" {
  statement_id             = "everybody-may-invoke-through-the-url"
  action                   = "lambda:InvokeFunction"
  function_name            = aws_lambda_function_url.api.function_name
  principal                = "*"
  invoked_via_function_url = true
}
