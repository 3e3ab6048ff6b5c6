"""The only place that knows every adapter: settings, and one small composition root per role."""
