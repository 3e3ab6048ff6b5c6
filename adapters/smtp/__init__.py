"""Mails by SMTP, and a catcher that keeps the same messages instead of sending them."""

from adapters.smtp.catcher import CatchingMailer
from adapters.smtp.mailer import SmtpMailer
from adapters.smtp.server import MailServer

__all__ = ["CatchingMailer", "MailServer", "SmtpMailer"]
