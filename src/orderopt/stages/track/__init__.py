"""Following orders while they are made: progress, receipts, inspection, completion, alerts, figures, reports."""
