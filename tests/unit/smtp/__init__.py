"""What SMTP keeps to itself."""
