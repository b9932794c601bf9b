"""The end of execution: is everything made, inspected and shipped as it must be, and how was it for the customer."""
